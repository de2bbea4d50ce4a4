"""The budget: what is kept when there is not room for all, and that it never takes more than there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from phaseup.render.markdown_budget import SURE, Fold, Part, fit, size, text


def rows(letter: str, number: int) -> list[str]:
    return [f"{letter}{index:04}\n" for index in range(number)]


def test_all_is_kept_where_there_is_room() -> None:
    parts = [Part(0, rows("a", 2), "A\n", "Z\n"), Part(5, rows("b", 1))]
    assert fit(parts, 1000) == 0
    assert text(parts) == "A\na0000\na0001\nZ\n\nb0000\n"


def test_what_is_less_pressing_goes_first_wherever_it_stands() -> None:
    parts = [Part(0, ["lead\n"]), Part(3, rows("c", 20), noun="thing"), Part(1, rows("b", 20))]
    assert fit(parts, 285) == 2
    assert (parts[1].kept, parts[2].kept) == (18, 20)
    assert "c0017\n\n… 2 more things\n\nb0000" in text(parts)


def test_of_each_some_rows_come_before_more_of_any() -> None:
    parts = [Part(0, rows("a", 500)), Part(1, rows("b", 500))]
    fit(parts, 700)
    assert parts[1].kept == SURE
    assert parts[0].kept > 2 * SURE


def test_what_is_folded_comes_after_all_that_is_not() -> None:
    fold = Fold("<details>\n", "</details>\n")
    parts = [Part(0, ["lead\n"]), Part(1, rows("f", 4), fold=fold), Part(2, rows("b", 40))]
    assert fit(parts, 310) == 4
    assert text(parts).startswith("lead\n\nb0000")
    assert "details" not in text(parts)
    assert parts[2].kept == 40


def test_sections_take_turns() -> None:
    parts = [part for n in range(3) for part in (Part(0, ["lead\n"], section=n), Part(1, rows("r", 100), section=n))]
    fit(parts, 900)
    kept = [part.kept for part in parts[1::2]]
    assert max(kept) - min(kept) <= 1 < min(kept)


def test_a_section_without_its_lead_has_nothing_else() -> None:
    parts = [Part(0, ["x" * 200 + "\n"], section=0), Part(1, ["a\n"], section=0), Part(0, ["y\n"], section=1)]
    assert fit(parts, 100) == 2
    assert text(parts) == "y\n"


def test_a_fold_is_there_once_around_all_that_is_in_it() -> None:
    fold = Fold("<details>\n", "</details>\n")
    parts = [Part(0, ["lead\n"]), *(Part(1, rows(letter, 2), fold=fold) for letter in "ab"), Part(2, ["end\n"])]
    fit(parts, 1000)
    assert text(parts) == "lead\n\n<details>\n\na0000\na0001\n\nb0000\nb0001\n\n</details>\n\nend\n"


@given(st.data(), st.integers(0, 3000))
def test_it_never_takes_more_room_than_there_is(data: st.DataObject, room: int) -> None:
    line = st.text("aä🧨", max_size=30).map(lambda each: each + "\n")
    folds = [None, Fold("<details>\n", "</details>\n")]
    made = data.draw(
        st.lists(
            st.tuples(
                st.integers(0, 3),
                st.lists(line, min_size=1, max_size=40),
                line,
                line,
                st.integers(0, 3),
                st.sampled_from(folds),
            ),
            max_size=12,
        )
    )
    # As in a document: sections one after the other, each with a fold of its own.
    made.sort(key=lambda each: (each[4], each[5] is not None))
    own = {section: Fold("<details>\n", "</details>\n") for section in range(4)}
    parts = [Part(t, r, h, f, section=s, fold=fold and own[s]) for t, r, h, f, s, fold in made]
    left = fit(parts, room)
    assert size(text(parts)) <= room
    assert left == sum(part.left_out for part in parts)
    assert text(parts).count("<details>") == text(parts).count("</details>")
