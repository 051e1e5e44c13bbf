"""Reads ``prefect.yaml`` more strictly than Prefect does, which drops every key that it does not know."""

import importlib
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from prefect import Flow
from prefect.cli.deploy._models import (
    ConcurrencyLimitSpec,
    DeploymentConfig,
    PrefectYamlModel,
    RawScheduleConfig,
    WorkPoolConfig,
)
from prefect.events import DeploymentTriggerTypes
from prefect.settings import Settings
from prefect.settings.legacy import _get_settings_fields
from prefect.utilities.importtools import import_object
from prefect.workers.process import ProcessVariables
from pydantic import BaseModel, TypeAdapter, ValidationError

ANCHORS = "definitions"
"""The only key of our own: a place for YAML anchors, which Prefect passes over on purpose."""

ACTIONS = ("build", "push", "pull")


def is_setting(variable: str) -> bool:
    """Whether Prefect reads an environment variable; one that it does not know it never mentions."""
    return variable in _get_settings_fields(Settings) or variable == "PREFECT_PROFILE"


def faults_in(document: Mapping[str, Any]) -> Iterator[str]:
    """Everything in the document that Prefect would drop or trip over, each with its place."""
    yield from _unknown({key: value for key, value in document.items() if key != ANCHORS}, PrefectYamlModel, "")
    yield from _validated(document, PrefectYamlModel, "")
    yield from _action_faults(document, "")
    deployments = document.get("deployments") or []
    names = [deployment.get("name") for deployment in deployments]
    yield from (f"two deployments are called {name}" for name in {name for name in names if names.count(name) > 1})
    for deployment in deployments:
        yield from _deployment_faults(deployment, f"{deployment.get('name')}: ")


def _deployment_faults(deployment: Mapping[str, Any], place: str) -> Iterator[str]:
    yield from _unknown(deployment, DeploymentConfig, place)
    yield from _action_faults(deployment, place)
    pool = deployment.get("work_pool") or {}
    yield from _unknown(pool, WorkPoolConfig, f"{place}work_pool.")
    variables = pool.get("job_variables") or {}
    yield from _unknown(variables, ProcessVariables, f"{place}work_pool.job_variables.")
    yield from _environment_faults(variables.get("env") or {}, f"{place}work_pool.job_variables.env.")
    if isinstance(limit := deployment.get("concurrency_limit"), Mapping):
        yield from _unknown(limit, ConcurrencyLimitSpec, f"{place}concurrency_limit.")
    for number, schedule in enumerate(deployment.get("schedules") or []):
        yield from _validated(schedule, RawScheduleConfig, f"{place}schedules.{number}.")
    for number, trigger in enumerate(deployment.get("triggers") or []):
        yield from _trigger_faults(trigger, f"{place}triggers.{number}.")
    yield from _flow_faults(deployment, place)


def _flow_faults(deployment: Mapping[str, Any], place: str) -> Iterator[str]:
    entrypoint = str(deployment.get("entrypoint"))
    module, _, function = entrypoint.partition(":")
    if not function or module.endswith(".py"):
        yield f"{place}entrypoint: {entrypoint} must be module:function, for a path would put its folder on sys.path"
        return
    try:
        flow = import_object(entrypoint)
    except (ImportError, AttributeError) as error:
        yield f"{place}entrypoint: {entrypoint}: {error}"
        return
    if not isinstance(flow, Flow):
        yield f"{place}entrypoint: {entrypoint} is no flow"
        return
    given = [("parameters", deployment.get("parameters") or {})]
    for number, schedule in enumerate(deployment.get("schedules") or []):
        merged = {**given[0][1], **(schedule.get("parameters") or {})}
        given.append((f"schedules.{number}.parameters", merged))
    for where, parameters in given:
        yield from _parameter_faults(flow, parameters, f"{place}{where}")


def _parameter_faults(flow: Flow[..., Any], parameters: Mapping[str, Any], place: str) -> Iterator[str]:
    try:
        inspect.signature(flow.fn).bind(**parameters)
    except TypeError as error:
        yield f"{place}: {error}"
        return
    if "{{" not in str(parameters):
        try:
            flow.validate_parameters(dict(parameters))
        except (ValidationError, ValueError, TypeError) as error:
            yield f"{place}: {error}"


def _action_faults(document: Mapping[str, Any], place: str) -> Iterator[str]:
    for action in ACTIONS:
        steps = document.get(action) or []
        for step in [steps] if isinstance(steps, Mapping) else steps:
            for name, inputs in step.items():
                yield from _step_faults(name, inputs or {}, f"{place}{action}.{name}")


def _step_faults(name: str, inputs: Mapping[str, Any], place: str) -> Iterator[str]:
    module, _, function = name.rpartition(".")
    try:
        step = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        yield f"{place}: {error}"
        return
    wanted = {key: value for key, value in inputs.items() if key not in ("requires", "id")}
    try:
        inspect.signature(step).bind(**wanted)
    except TypeError as error:
        yield f"{place}: {error}"


def _trigger_faults(trigger: Mapping[str, Any], place: str) -> Iterator[str]:
    try:
        read = TypeAdapter(DeploymentTriggerTypes).validate_python(dict(trigger))
    except ValidationError as error:
        yield f"{place}: {error}"
        return
    yield from _unknown(trigger, type(read), place)


def _environment_faults(variables: Mapping[str, Any], place: str) -> Iterator[str]:
    for name in variables:
        if name.startswith("PREFECT_") and not is_setting(name):
            yield f"{place}{name}: Prefect has no such setting"


def _unknown(data: Mapping[str, Any], model: type[BaseModel], place: str) -> Iterator[str]:
    known = set(model.model_fields) | {field.alias for field in model.model_fields.values() if field.alias}
    yield from (f"{place}{key}: Prefect has no such key" for key in data if key not in known)


def _validated(data: Mapping[str, Any], model: type[BaseModel], place: str) -> Iterator[str]:
    try:
        model.model_validate(data)
    except ValidationError as error:
        for fault in error.errors():
            yield f"{place}{'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}"
