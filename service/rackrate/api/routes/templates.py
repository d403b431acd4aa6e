"""Templates: the priority of payments that each name of a structure's template stands for."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, route
from litestar.enums import HttpMethod
from msgspec import Meta

from rackrate.api.routes.rulesets import send_struct
from rackrate.deal.structure import Step, Template
from rackrate.engine.structure.templates import PURPOSES, TEMPLATES

READ = [HttpMethod.GET, HttpMethod.HEAD]


class TemplateSteps(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A template: what it is for, and its steps in order."""

    name: Annotated[Template, Meta(description="Name, as a structure gives it.")]
    purpose: Annotated[str, Meta(description="The kind of financing it is usual in.")]
    same_as: Annotated[
        list[Template], Meta(description="Other templates with the same steps: names for one structure.")
    ]
    steps: Annotated[list[Step], Meta(description="Steps of the priority of payments, most senior first.")]


class TemplateList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The templates that a structure can name."""

    templates: Annotated[list[TemplateSteps], Meta(description="Each template with its steps.")]


@route("/v1/templates", http_method=READ, opt={"scope": "read", "answers": TemplateList})
async def list_templates(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List the templates with their steps.

    A structure names one, or gives `steps` of its own instead.
    """
    return send_struct(request, TemplateList(templates=[_described(name) for name in TEMPLATES]))


def _described(name: Template) -> TemplateSteps:
    same = [other for other, steps in TEMPLATES.items() if steps == TEMPLATES[name] and other != name]
    return TemplateSteps(name=name, purpose=PURPOSES[name], same_as=same, steps=list(TEMPLATES[name]))
