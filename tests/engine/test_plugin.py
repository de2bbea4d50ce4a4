"""The plugin over real gRPC, without an engine: every call is translated, nothing is added."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from phaseup.engine.plugin import Servicer, serve
from phaseup.graph.values import UNKNOWN, UNKNOWN_STRING, Secret, fill_struct, from_struct
from tests.engine.fake import provider_maker

URN = "urn:pulumi:dev::corner::fake:index:Thing::thing"
ROOT = Path(__file__).resolve().parents[2]


def struct(**values):
    return fill_struct(struct_pb2.Struct(), values)


@pytest.fixture
def plugin():
    servicer = Servicer("fake", provider_maker("fake"), "1.2.3")
    server, port = serve(servicer)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    server.stop(grace=None).wait()


def test_handshake_and_configure_accept_all_kinds_of_values(plugin):
    shaken = plugin.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="x"))
    assert (shaken.accept_secrets, shaken.accept_resources, shaken.accept_outputs) == (True, True, True)
    configured = plugin.Configure(provider_pb2.ConfigureRequest(args=struct(region="eu-west-1")))
    assert configured.acceptSecrets
    assert configured.supportsPreview
    assert configured.acceptResources
    assert configured.acceptOutputs


def test_info_schema_and_attach(plugin):
    assert plugin.GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"
    assert plugin.GetSchema(provider_pb2.GetSchemaRequest()).schema == '{"name": "fake", "version": "1.2.3"}'
    assert plugin.Attach(plugin_pb2.PluginAttach(address="x")) == empty_pb2.Empty()
    assert plugin.Cancel(empty_pb2.Empty()) == empty_pb2.Empty()


def test_check_keeps_secrets_unknowns_and_fills_defaults(plugin):
    reply = plugin.Check(
        provider_pb2.CheckRequest(
            urn=URN, news=struct(auto="", password=Secret("hunter2"), ref=UNKNOWN), randomSeed=b"seed"
        )
    )
    inputs = from_struct(reply.inputs)
    assert inputs["password"] == Secret("hunter2")
    assert inputs["ref"] is UNKNOWN
    assert inputs["__defaults"] == ["auto"]
    again = plugin.Check(
        provider_pb2.CheckRequest(urn=URN, olds=struct(auto=inputs["auto"]), news=struct(auto=""), randomSeed=b"other")
    )
    assert from_struct(again.inputs)["auto"] == inputs["auto"]


def test_check_failures_name_the_property(plugin):
    reply = plugin.Check(provider_pb2.CheckRequest(urn=URN, news=struct(refuse=True)))
    assert [(failure.property, failure.reason) for failure in reply.failures] == [("refuse", "must be false")]


def test_diff_tells_paths_kinds_and_top_level_names(plugin):
    reply = plugin.Diff(
        provider_pb2.DiffRequest(
            id="i",
            urn=URN,
            old_inputs=struct(value={"a": [1, 2]}, replace_me=1, gone=1),
            news=struct(value={"a": [1, 3]}, replace_me=2, new=1),
        )
    )
    kinds = provider_pb2.PropertyDiff
    assert {path: entry.kind for path, entry in reply.detailedDiff.items()} == {
        "value.a[1]": kinds.UPDATE,
        "replace_me": kinds.UPDATE_REPLACE,
        "gone": kinds.DELETE,
        "new": kinds.ADD,
    }
    assert sorted(reply.diffs) == ["gone", "new", "replace_me", "value"]
    assert list(reply.replaces) == ["replace_me"]
    assert reply.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert reply.hasDetailedDiff
    assert not reply.deleteBeforeReplace


def test_diff_without_changes_and_with_deletion_first(plugin):
    same = plugin.Diff(provider_pb2.DiffRequest(id="i", urn=URN, old_inputs=struct(a=1), news=struct(a=1)))
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert not same.detailedDiff
    swap = plugin.Diff(provider_pb2.DiffRequest(id="i", urn=URN, old_inputs=struct(swap_a=1), news=struct(swap_a=2)))
    assert swap.deleteBeforeReplace


def test_secrets_compare_by_value(plugin):
    reply = plugin.Diff(provider_pb2.DiffRequest(id="i", urn=URN, old_inputs=struct(a=Secret("x")), news=struct(a="x")))
    assert reply.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_create_in_a_preview_leaves_unknown_what_is_unknown(plugin):
    reply = plugin.Create(
        provider_pb2.CreateRequest(urn=URN, properties=struct(seed=UNKNOWN, password=Secret("x")), preview=True)
    )
    assert reply.id == ""
    assert reply.properties.fields["computed"].string_value == UNKNOWN_STRING
    assert from_struct(reply.properties)["password"] == Secret("x")
    made = plugin.Create(provider_pb2.CreateRequest(urn=URN, properties=struct(seed="s")))
    assert made.id == "thing-id"
    assert from_struct(made.properties)["computed"] == "s!"


def test_update_read_and_delete(plugin):
    updated = plugin.Update(provider_pb2.UpdateRequest(id="i", urn=URN, old_inputs=struct(a=1), news=struct(a=2)))
    assert from_struct(updated.properties) == {"a": 2}
    found = plugin.Read(provider_pb2.ReadRequest(id="one", urn=URN))
    assert (found.id, from_struct(found.properties)) == ("one", {"value": "read-one"})
    assert from_struct(found.inputs) == {"value": "read-one"}
    assert plugin.Read(provider_pb2.ReadRequest(id="gone", urn=URN)).id == ""
    assert plugin.Delete(provider_pb2.DeleteRequest(id="i", urn=URN)) == empty_pb2.Empty()


def test_a_delete_that_the_cloud_refuses_is_one_line(plugin):
    with pytest.raises(grpc.RpcError) as caught:
        plugin.Delete(provider_pb2.DeleteRequest(id="i", urn=URN, properties=struct(guarded=True)))
    assert (caught.value.code(), caught.value.details()) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "the cloud keeps it",
    )


def test_invoke_answers_or_names_the_call_without_its_values(plugin):
    answer = plugin.Invoke(provider_pb2.InvokeRequest(tok="fake:index:ask", args=struct(a=1)))
    assert from_struct(getattr(answer, "return")) == {"asked": {"a": 1}, "token": "fake:index:ask"}
    with pytest.raises(grpc.RpcError) as caught:
        plugin.Invoke(provider_pb2.InvokeRequest(tok="fake:index:unanswered", args=struct(token="hunter2")))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert caught.value.details() == "fake:index:unanswered has no simulated answer (arguments: token)"


def test_a_simulators_mistake_is_one_line_without_a_traceback(plugin):
    with pytest.raises(grpc.RpcError) as caught:
        plugin.Invoke(provider_pb2.InvokeRequest(tok="fake:index:broken"))
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert caught.value.details() == "simulator: ValueError: no such thing"


def test_remote_components_are_refused(plugin):
    with pytest.raises(grpc.RpcError) as caught:
        plugin.Construct(provider_pb2.ConstructRequest(type="fake:index:Remote"))
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "fake:index:Remote" in caught.value.details()


def test_parameterized_packages_keep_the_parameters_name(plugin):
    value = provider_pb2.ParameterizeRequest.ParametersValue(name="sub", version="2.0.0", value=b"{}")
    reply = plugin.Parameterize(provider_pb2.ParameterizeRequest(value=value))
    assert (reply.name, reply.version) == ("sub", "2.0.0")


def test_configuring_replaces_the_provider_that_check_config_used():
    seen = []

    def make(config):
        seen.append(dict(config))
        return provider_maker("fake")(config)

    server, port = serve(Servicer("fake", make))
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.CheckConfig(provider_pb2.CheckRequest(urn=URN, news=struct(region="a")))
        stub.Configure(provider_pb2.ConfigureRequest(args=struct(region="a")))
        stub.Check(provider_pb2.CheckRequest(urn=URN, news=struct()))
    server.stop(grace=None).wait()
    assert seen == [{}, {"region": "a"}]


def test_many_threads_get_their_own_answers(plugin):
    def ask(number):
        reply = plugin.Create(provider_pb2.CreateRequest(urn=f"{URN}-{number}", properties=struct(seed=f"s{number}")))
        return reply.id, from_struct(reply.properties)["computed"]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(200)))
    assert answers == [(f"thing-{number}-id", f"s{number}!") for number in range(200)]


def test_the_process_prints_its_port_first_and_ends_on_a_signal():
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.fake", "--package", "fake", "127.0.0.1:1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            assert stub.Handshake(provider_pb2.ProviderHandshakeRequest()).accept_secrets
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_real_plugin_imports_no_sdk_at_start():
    code = (
        "import sys; from phaseup.engine.plugin import Servicer, simulated; "
        "Servicer('aws', simulated('aws')); "
        "print([name for name in sys.modules if name.startswith(('pulumi_aws', 'pulumi_cloudflare'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
