"""Carrying steps out: the calls to providers, and what the new states hold afterwards.

Rules from pkg/resource/deploy/step.go, step_executor.go and pkg/backend/snapshot.go (Pulumi 3.260, 2026-08).
"""

from __future__ import annotations

from phaseup.graph.resource import State
from phaseup.graph.values import UNKNOWN, UNKNOWN_STRING, Secret
from phaseup.plan.change import Change
from phaseup.plan.registry import Unconfigured
from phaseup.plan.run import Run, is_provider
from phaseup.plan.steps import Reason
from phaseup.plan.urns import parse_ref
from phaseup.simulate.provider import Made, Provider

NOTHING_MADE = Made("")


class Executor:
    """Applies one step at a time. A delete that is refused is a diagnostic; everything else that fails raises."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def same(self, old: State, new: State, reasons: tuple[Reason, ...] = ()) -> None:
        """Keep a resource: its id and outputs stay, its options are the new ones."""
        run = self._run
        run.emit("same", old, new, reasons)
        new.id, new.outputs = old.id, old.outputs
        new.created, new.modified = old.created, old.modified
        if is_provider(new.type):
            # Configured with the old inputs: a provider that calls a change no change sees the old values throughout.
            inputs, new.inputs = new.inputs, old.inputs
            run.registry.same(new)
            new.inputs = inputs
        run.done.add(id(old))
        self._record(new)

    def create(self, new: State) -> None:
        """A new resource."""
        self._run.emit("create", None, new, self._run.explain.created(new))
        self._create(new, None)

    def create_replacement(
        self, old: State, new: State, change: Change, reasons: tuple[Reason, ...], *, pending_delete: bool
    ) -> None:
        """A replacement's new resource; the old one is deleted at the end if `pending_delete`, else it is gone."""
        run = self._run
        run.emit("create-replacement", old, new, reasons, change.properties, change.replace_keys, not pending_delete)
        self._create(new, old)
        if pending_delete:
            run.pending_delete.add(id(old))
        if id(old) in run.pending_replacement:
            run.done.add(id(old))

    def replace(
        self, old: State, new: State, change: Change, reasons: tuple[Reason, ...], *, delete_first: bool
    ) -> None:
        """The logical step that stands for a replacement."""
        self._run.emit("replace", old, new, reasons, change.properties, change.replace_keys, delete_first)
        self._run.awaiting[new.urn] = new

    def update(self, old: State, new: State, change: Change, reasons: tuple[Reason, ...]) -> None:
        """In place."""
        run = self._run
        run.emit("update", old, new, reasons, change.properties)
        new.id = old.id
        new.created, new.modified = old.created, old.modified
        if new.custom:
            if is_provider(new.type):
                made = run.registry.update(new.urn, old.id, new.inputs)
            else:
                provider = self._provider(new)
                made = (
                    NOTHING_MADE
                    if isinstance(provider, Unconfigured)
                    else provider.update(new.urn, old.id, old.inputs, old.outputs, new.inputs, preview=run.preview)
                )
            new.outputs = made.outputs
        run.done.add(id(old))
        self._record(new)

    def read(self, old: State | None, new: State, *, replacing: bool) -> None:
        """Look a resource up that is not ours; runs in previews too, unless the id is not known."""
        run = self._run
        run.emit("read-replacement" if replacing else "read", old, new)
        if new.id == UNKNOWN_STRING:
            new.outputs = {}
        else:
            provider = self._provider(new)
            made: Made | None
            if isinstance(provider, Unconfigured):
                made = NOTHING_MADE
            else:
                try:
                    made = provider.read(new.urn, new.id, new.inputs, new.inputs)
                except ValueError as error:
                    raise run.fail(new.urn, str(error)) from None
            if made is None:
                raise run.fail(new.urn, f"resource '{new.id}' does not exist")
            new.outputs = made.outputs
            new.id = made.id or new.id
        if replacing:
            assert old is not None
            run.pending_delete.add(id(old))
        if old is not None:
            new.created, new.modified = old.created, old.modified
            run.done.add(id(old))
        self._record(new)
        run.reads[new.urn] = new
        run.news.pop(new.urn, None)

    def import_(self, original: State | None, new: State) -> None:
        """Adopt what exists: the new state is what the provider reads."""
        run = self._run
        run.emit("import-replacement" if original else "import", original, new, run.explain.imported(original, new))
        provider = self._provider(new)
        made: Made | None
        if isinstance(provider, Unconfigured):
            made = Made("", {}, {})
        else:
            try:
                made = provider.read(new.urn, new.import_id, {}, {})
            except ValueError as error:
                raise run.fail(new.urn, str(error)) from None
        if made is None:
            raise run.fail(new.urn, f"resource '{new.import_id}' does not exist")
        if made.inputs is None:
            package = new.type.split(":", 1)[0]
            raise run.fail(
                new.urn,
                f"provider does not support importing resources; please try updating the '{package}' plugin",
            )
        new.id = made.id or new.import_id
        new.inputs, new.outputs = made.inputs, made.outputs
        if original is not None:
            run.pending_delete.add(id(original))
        self._record(new)

    def delete(self, old: State, *, replacing: bool, first: bool, reasons: tuple[Reason, ...]) -> bool:
        """Take a resource down; False where that is refused. `first`: before its replacement is created."""
        run = self._run
        if old.external:
            run.emit("discard-replaced" if replacing else "discard", old, None, reasons)
        else:
            run.emit("delete-replaced" if replacing else "delete", old, None, reasons, delete_first=first)
        if not replacing and old.protect:
            run.say("error", old.urn, protected_delete(old.urn))
            return False
        gone_with = bool(old.deleted_with) and old.deleted_with in run.deletes
        if not (run.preview or old.external or old.retain_on_delete or gone_with) and old.custom:
            if is_provider(old.type):
                run.registry.delete(old.urn, old.id)
            else:
                provider = run.ensure_provider(old)
                assert not isinstance(provider, Unconfigured)
                refused = provider.delete(old.urn, old.id, old.outputs)
                if refused is not None:
                    raise run.fail(old.urn, f"deleting {old.urn}: {refused}")
        if first:
            run.pending_replacement.add(id(old))
        elif id(old) not in run.pending_replacement:
            run.done.add(id(old))
        return True

    def forget_pending_replacement(self, old: State, reasons: tuple[Reason, ...]) -> None:
        """Its delete has been done in an earlier run, and its replacement is no longer wanted."""
        self._run.emit("remove-pending-replace", old, None, reasons)
        self._run.done.add(id(old))

    def _create(self, new: State, old: State | None) -> None:
        run = self._run
        made = NOTHING_MADE
        if new.custom:
            if is_provider(new.type):
                made = run.registry.create(
                    new.urn, new.inputs, preview=run.preview, old_id=old.id if old is not None else ""
                )
            else:
                provider = self._provider(new)
                if not isinstance(provider, Unconfigured):
                    made = provider.create(new.urn, new.inputs, preview=run.preview)
            if not run.preview and not made.id:
                raise run.fail(new.urn, "provider did not return an ID from Create")
        new.id, new.outputs = made.id, made.outputs
        self._record(new)

    def _provider(self, state: State) -> Provider | Unconfigured:
        provider = self._run.registry.get(parse_ref(state.provider))
        return self._run.ensure_provider(state) if provider is None else provider

    def _record(self, new: State) -> None:
        """Mark outputs that must be secret, and put the state where the rest of the run finds it."""
        outputs = new.outputs
        hidden = [key for key, value in new.inputs.items() if isinstance(value, Secret)]
        for key in (*new.additional_secret_outputs, *hidden):
            if key in outputs and not isinstance(outputs[key], Secret):
                if outputs is new.outputs:
                    outputs = dict(outputs)
                outputs[key] = Secret(outputs[key])
        new.outputs = outputs
        if "id" in new.additional_secret_outputs:
            self._run.say(
                "warning",
                new.urn,
                "The 'id' property cannot be made secret. See pulumi/pulumi#2717 for more details.",
            )
        self._run.new_states.append(new)
        self._run.news[new.urn] = new
        self._run.awaiting[new.urn] = new
        for target in dict.fromkeys((new.deleted_with, *new.replace_with)):
            if target:
                self._run.bound_news.setdefault(target, []).append(new)


def protected_delete(urn: str) -> str:
    """The engine's refusal, as it prints it."""
    return (
        f'resource "{urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the '
        f"`protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the command:\n"
        f"`pulumi state unprotect '{urn}'`"
    )


def is_unknown_id(id: object) -> bool:
    """Whether an id is not known yet."""
    return id is UNKNOWN or id in ("", UNKNOWN_STRING)
