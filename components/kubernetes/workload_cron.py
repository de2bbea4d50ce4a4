"""A service that runs to its end at set times: a CronJob, from the calendar expression of a server's timer."""

from __future__ import annotations

import re

from components.kubernetes.namespaces import Manifest
from components.kubernetes.workload import Workload, pod
from components.spec import Refused

WORDS = {
    "minutely": "* * * * *",
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 1",
    "monthly": "0 0 1 * *",
}
DAYS = {day: number for number, day in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
FORM = re.compile(
    r"(?:(?P<days>[a-z]{3}(?:(?:,|\.\.)[a-z]{3})*) )?(?:\*-\*-(?P<day>\*|\d{1,2}) )?"
    r"(?P<hour>\*(?:/\d{1,2})?|\d{1,2}(?:/\d{1,2})?):(?P<minute>\*|\d{1,2}(?:/\d{1,2})?)(?::00)?"
)


def cron_job(of: Workload) -> Manifest:
    """Never two at a time: a run that finds the one before still busy is left out. While this side does not work, none
    starts."""
    every = of.service.every
    if every is None:
        raise Refused("every", "null", "a calendar expression where it runs to its end")
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": of.metadata(),
        "spec": {
            "schedule": cron(every),
            "timeZone": "Etc/UTC",
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 300,
            "suspend": not of.works,
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {
                "spec": {
                    "backoffLimit": 3,
                    "ttlSecondsAfterFinished": 86400,
                    "template": {
                        "metadata": {"labels": of.pod_labels},
                        "spec": pod(of, restart="OnFailure"),
                    },
                }
            },
        },
    }


def cron(calendar: str) -> str:
    """A systemd calendar expression as a cron expression of the same times, UTC; `Refused` where there is none, as for
    seconds, years and months. systemd.time(7), "Calendar Events"."""
    text = calendar.strip().lower()
    if text in WORDS:
        return WORDS[text]
    found = FORM.fullmatch(text)
    if found is None:
        raise Refused("every", calendar, "a time as `*-*-* 03:00:00`, `*:0/15` or `mon *-*-* 04:30`, to the minute")
    days = _days(found["days"], calendar)
    if days != "*" and found["day"] not in (None, "*"):
        raise Refused("every", calendar, "days of the week or a day of the month: cron would run on either")
    return " ".join((_field(found["minute"], 59), _field(found["hour"], 23), _day(found["day"]), "*", days))


def _field(text: str, most: int) -> str:
    start, _, step = text.partition("/")
    if start != "*" and int(start) > most:
        raise Refused("every", text, f"0 to {most}")
    if not step:
        return start if start == "*" else str(int(start))
    if int(step) < 1:
        raise Refused("every", text, "a step of 1 or more")
    return f"*/{int(step)}" if start == "*" or int(start) == 0 else f"{int(start)}-{most}/{int(step)}"


def _day(text: str | None) -> str:
    if text in (None, "*"):
        return "*"
    if not 1 <= int(text) <= 31:
        raise Refused("every", text, "a day from 1 to 31")
    return str(int(text))


def _days(text: str | None, calendar: str) -> str:
    if text is None:
        return "*"
    parts = []
    for part in text.split(","):
        ends = part.split("..")
        if len(ends) > 2 or any(end not in DAYS for end in ends):
            raise Refused("every", calendar, f"days out of {', '.join(DAYS)}")
        numbers = [DAYS[end] for end in ends]
        if len(numbers) == 2 and numbers[0] > numbers[1]:
            raise Refused("every", calendar, "a range of days from sun to sat")
        parts.append("-".join(map(str, numbers)))
    return ",".join(parts)
