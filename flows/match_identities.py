"""Find out which records of all systems are one customer or premise, after what they say was pulled."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.artifacts import show_matches
from flows.asked import IdentityRequest, opened
from flows.pulling import ended, pull_system
from flows.steps import match_records, write_question_files
from hub.identity.match import Matched, streams_that_tell


@flow(name="match_identities", flow_run_name="match customers and premises", persist_result=False)
def match_identities(request: IdentityRequest) -> State[Any]:
    """Pull who and what the systems know, match it, and say what a person is asked.

    Where a pull fails the others go on, but nothing is matched: links would lapse for want of a record.
    """
    if request.pull_first:
        with opened(request) as hub:
            told = streams_that_tell(hub.operator, request.subjects)
        pulls = [pull_system(request.for_system(system), only=streams) for system, streams in told.items()]
        if any(pull.failed for pull in pulls):
            return ended(pulls)
    matched = [match_records(request, subject) for subject in request.subjects]
    files = write_question_files(request)
    show_matches(matched, files)
    said = "; ".join(map(_said, matched))
    if files.questions:
        return Completed(message=f"{said}; see {files.page.name}", name=f"{files.questions:,} questions")
    return Completed(message=said)


def _said(matched: Matched) -> str:
    changes = matched.changes
    text = f"{matched.subject}: {matched.records:,} records, {changes.new:,} new links and questions"
    return f"{text}, the records have changed since learning" if matched.shifted else text
