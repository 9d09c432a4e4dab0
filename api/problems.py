"""Errors as HTTP answers: RFC 9457 problem details, with one table from permanent code to status and title.

The ledger raises errors by who must act; only this file knows HTTP statuses. An answer names the code, never the value
that was submitted (threat T63).
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from keys.errors import Corrupt, LedgerError, Refused, Unavailable

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """What one code means over HTTP: its status and its title in both languages."""

    status: int
    zh: str
    en: str


PROBLEMS: Final[dict[str, Problem]] = {
    # families
    "error": Problem(500, "服务出错", "Server error"),
    "refused": Problem(422, "未被接受", "Refused"),
    "unavailable": Problem(503, "暂时不可用,请稍后用同样内容重试", "Unavailable; retry the same bytes"),
    "corrupt": Problem(500, "存储数据异常,请联系运营方", "Stored data contradict themselves"),
    # keys
    "algorithm-unknown": Problem(422, "不认识的算法", "Algorithm unknown"),
    "bad-key": Problem(422, "公钥格式错误或不安全", "Public key malformed or unsafe"),
    "bad-kid": Problem(400, "密钥标识格式错误", "Key identifier malformed"),
    "bad-issuer": Problem(400, "签发机构标识格式错误", "Issuer id malformed"),
    "key-already-registered": Problem(409, "密钥已登记过", "Key registered before"),
    "key-version-missing": Problem(503, "缺少加密密钥版本", "A version of the encryption key is missing"),
    "key-file-exists": Problem(500, "密钥文件已存在", "Key file exists"),
    "passphrase-too-short": Problem(500, "口令过短", "Passphrase too short"),
    "secret-file-unreadable": Problem(500, "密钥文件无法读取", "Secret file unreadable"),
    "bad-signature": Problem(422, "签名与内容不符", "Signature does not verify"),
    "possession-not-proved": Problem(422, "未证明持有私钥", "Possession of the private key not proved"),
    "key-file-unreadable": Problem(500, "密钥文件无法读取", "Key file unreadable"),
    "seal-broken": Problem(500, "加密数据无法打开", "Sealed data do not open"),
    # (1) size, (2) canonical form, (3) header, (4) kind and schema, (5) algorithm
    "record-too-large": Problem(413, "记录过大", "Record too large"),
    "malformed": Problem(400, "格式错误", "Malformed"),
    "not-canonical": Problem(400, "不是规范 JSON", "Not canonical JSON"),
    "not-json": Problem(400, "不是 JSON", "Not JSON in UTF-8"),
    "duplicate-key": Problem(400, "同一对象内键名重复", "Duplicate key in one object"),
    "number-forbidden": Problem(400, "数字格式不允许", "A number is a float or too large"),
    "character-forbidden": Problem(400, "含有不允许的字符", "A forbidden character"),
    "too-deep": Problem(400, "嵌套过深", "Nested too deeply"),
    "too-many-nodes": Problem(400, "内容项过多", "Too many values"),
    "disclosure-invalid": Problem(400, "披露项无效", "Disclosure invalid"),
    "header-invalid": Problem(400, "签名头无效", "Header invalid"),
    "unknown-kind": Problem(422, "没有这种记录类型", "Unknown kind of record"),
    "schema-invalid": Problem(422, "内容不符合该类型的格式", "Payload does not have the form of its kind"),
    "identifier-malformed": Problem(422, "号码或代码格式错误", "Number or code malformed"),
    "algorithm-not-accepted": Problem(422, "本库不接受该算法", "Algorithm not accepted"),
    # (6) signature, (7) already held, (8) key
    "key-unknown": Problem(403, "密钥未登记", "Key not registered"),
    "key-not-authorised": Problem(403, "密钥无权在此签发", "Key not authorised"),
    "exists-differs": Problem(409, "已有同一记录但内容不同", "Held already with other bytes"),
    "id-already-used": Problem(409, "该标识已用于另一条记录", "Identifier used by another record"),
    "erased": Problem(410, "记录已依法删除", "Erased at the holder's request"),
    # (9) standing, (10) dates
    "issuer-differs": Problem(422, "签发机构与内容不符", "The payload names another institution"),
    "issuer-unknown": Problem(403, "机构未登记", "Issuer not registered"),
    "kind-retired": Problem(422, "该版本的记录类型已停用", "Version of the kind retired"),
    "issuer-suspended": Problem(403, "机构已被暂停", "Issuer suspended"),
    "not-accredited": Problem(403, "机构没有这项资质", "Issuer not accredited for this"),
    "dated-in-future": Problem(422, "日期在将来", "Dated in the future"),
    "late-without-reason": Problem(422, "迟报但没有说明原因", "Late without a reason"),
    # (11) identity, (12) the kind's rule
    "disclosures-incomplete": Problem(422, "披露项不完整", "Disclosures incomplete"),
    "name-differs": Problem(409, "该号码登记的姓名不同", "Number known under another name"),
    "rule-broken": Problem(422, "不符合该类型的业务规则", "The kind's own rule is broken"),
    "certificate-number-used": Problem(409, "证书编号已使用", "Certificate number used already"),
    "status-index-taken": Problem(409, "状态位已占用,请重新抽取", "Status entry taken; draw another"),
    "target-unknown": Problem(422, "找不到所指的记录", "Target record unknown"),
    "target-foreign": Problem(403, "无权变更他方记录", "Not entitled to act on the target"),
    "group-incomplete": Problem(422, "同组记录不完整或互相矛盾", "A joint fact lacks a side"),
    "second-signature-missing": Problem(403, "缺少第二人签名", "A second signature is missing"),
    "evidence-missing": Problem(422, "缺少所需的依据记录", "Required evidence is missing"),
    "threshold-missed": Problem(422, "未达到规则要求", "The rule's threshold is not reached"),
    "level-unknown": Problem(422, "该职业没有这个等级", "The occupation has no such level"),
    "minutes-differ": Problem(422, "学时合计不符", "Minutes do not add up"),
    "number-used": Problem(409, "编号已使用", "Number used already"),
    "subsidy-taken": Problem(409, "该记录已申领补贴", "A subsidy was claimed already"),
    "rule-not-in-force": Problem(422, "规则在该日期不适用", "Rule not in force"),
    "rule-overlaps": Problem(409, "规则适用期间重叠", "Rule versions overlap"),
    "outside-delegation": Problem(403, "超出授权范围", "Outside the delegation"),
    "approvals-missing": Problem(403, "批准人数不足", "Too few approvals"),
    "subject-unknown": Problem(422, "没有这个人的档案", "No such subject"),
    "alias-taken": Problem(409, "号码属于另一份档案", "Number belongs to another subject"),
    "alias-retired": Problem(422, "号码已停用", "Number retired"),
    "restricted": Problem(403, "该档案已限制处理", "Processing is restricted"),
    "group-refused": Problem(422, "整组未被接受", "The whole group was refused"),
    # reading, storing, logging
    "not-found": Problem(404, "没有查到", "Not found"),
    "overloaded": Problem(503, "排队过多,请稍后用同样内容重试", "Too many records waiting; retry the same bytes"),
    "store-unavailable": Problem(503, "数据库暂时不可用,请稍后重试", "Store unavailable; retry the same bytes"),
    "store-not-initialised": Problem(503, "库尚未初始化", "Store not initialised"),
    "store-not-empty": Problem(409, "库已存在", "Store not empty"),
    "store-locked": Problem(503, "库正被另一进程使用", "Store in use by another process"),
    "owner-may-not-serve": Problem(500, "数据库角色权限过大", "Database role has too many rights"),
    "eraser-needed": Problem(500, "该数据库角色无权删除", "Database role may not erase"),
    "store-damaged": Problem(500, "存储数据损坏,请联系运营方", "Store damaged"),
    "mark-ahead": Problem(500, "库被回退,已停止签名", "The signer's mark is ahead of the store"),
    "mark-differs": Problem(500, "库与签名记录不一致,已停止签名", "The signer's mark differs from the store"),
    "store-url-unknown": Problem(500, "数据库地址无效", "Store address names no engine"),
    "version-conflict": Problem(409, "版本冲突,请重试", "Version conflict; submit again"),
    "quorum-missing": Problem(503, "见证人联署尚不足,请稍后重试", "Not enough witnesses have signed yet"),
    "status-list-invalid": Problem(422, "状态列表无效", "Status list invalid"),
    "status-purpose-unknown": Problem(404, "没有这种状态列表", "No such purpose of status list"),
    "view-behind": Problem(503, "视图数据尚未跟上,请稍后重试", "A view lags behind the log; ask again"),
    "view-contended": Problem(503, "视图正在重建,请稍后重试", "A view is being rebuilt; ask again"),
    "view-unknown": Problem(404, "没有这个视图", "No such view"),
    "row-invalid": Problem(500, "视图程序有误,请联系运营方", "A view's program is defective"),
    "malformed-checkpoint": Problem(400, "检查点或证明格式错误", "Checkpoint or proof malformed"),
    "proof-invalid": Problem(422, "证明不成立", "Proof invalid"),
    # codes and uploads, on pages
    "code-malformed": Problem(422, "验证码格式错误", "Verification code malformed"),
    "code-mistyped": Problem(422, "验证码输入有误", "Verification code mistyped"),
    "upload-unreadable": Problem(422, "上传的文件无法识别", "Uploaded file unreadable"),
    # the HTTP side itself
    "path-invalid": Problem(400, "地址含有非法字符", "Path or query holds forbidden characters"),
    "parameter-invalid": Problem(422, "参数错误", "Parameter invalid"),
    "body-invalid": Problem(400, "请求内容无法读取", "Body cannot be read"),
    "body-too-large": Problem(413, "请求内容过大", "Body too large"),
    "batch-too-large": Problem(413, "本批行数或字节数过多", "Batch has too many lines or bytes"),
    "headers-too-large": Problem(431, "请求头过大", "Request headers too large"),
    "media-type-unsupported": Problem(415, "不支持的内容类型", "Media type unsupported"),
    "method-not-allowed": Problem(405, "不支持的方法", "Method not allowed"),
    "rate-limited": Problem(429, "请求过于频繁", "Too many requests"),
    "unauthenticated": Problem(401, "请先登录", "Sign in first"),
    "token-invalid": Problem(401, "登录凭证无效或已过期", "Token invalid or expired"),
    "forbidden": Problem(403, "无权访问", "Forbidden"),
    "cross-site": Problem(403, "拒绝跨站请求", "Cross-site request refused"),
    "service-key-missing": Problem(503, "服务签名密钥未配置", "Service key missing"),
    "not-ready": Problem(503, "服务尚未就绪", "Not ready"),
    "internal": Problem(500, "服务内部错误", "Internal error"),
}


class RequestRefused(Refused):
    """A request was refused by the HTTP side itself, before the ledger was asked."""

    code = "parameter-invalid"


class BodyInvalid(RequestRefused):
    """The body is not what the endpoint reads."""

    code = "body-invalid"


class BodyTooLarge(RequestRefused):
    """The body is longer than its endpoint allows."""

    code = "body-too-large"


class BatchTooLarge(RequestRefused):
    """A batch or group has too many lines or bytes."""

    code = "batch-too-large"


class MediaTypeUnsupported(RequestRefused):
    """The body's `Content-Type` is not one that the endpoint reads."""

    code = "media-type-unsupported"


class Unauthenticated(RequestRefused):
    """The endpoint needs a signed-in person and the request names none."""

    code = "unauthenticated"


class TokenInvalid(RequestRefused):
    """A token is malformed, expired, signed by another key or meant for another audience."""

    code = "token-invalid"


class Forbidden(RequestRefused):
    """The signed-in person's role does not allow this."""

    code = "forbidden"


class RateLimited(RequestRefused):
    """One address or account asks too often."""

    code = "rate-limited"


class NotReady(Unavailable):
    """The checkpoint is stale or a view lags too far behind."""

    code = "not-ready"


_HTTP_CODES: Final = {404: "not-found", 405: "method-not-allowed", 413: "body-too-large", 401: "unauthenticated"}


def problem_of(error: LedgerError) -> tuple[str, Problem]:
    """The code of an error and what it means over HTTP.

    error    any error of the three families; one with a code that is not in the table gets the answer of its family
    returns  (code, Problem)
    raises   nothing
    """
    known = PROBLEMS.get(error.code)
    if known is not None:
        return error.code, known
    family = "unavailable" if isinstance(error, Unavailable) else "corrupt" if isinstance(error, Corrupt) else "refused"
    return error.code, PROBLEMS[family]


def problem_body(
    code: str, problem: Problem, *, detail: str, request_id: str, errors: list[dict[str, str]] | None = None
) -> bytes:
    """One problem as JSON (RFC 9457 section 3): type, title, status, detail, and our code, title_zh and request_id.

    detail      what was expected and what to do; the caller vouches that it holds no submitted value
    request_id  as in the `X-Request-Id` header
    errors      one {pointer, code} per wrong parameter, or None
    raises      nothing
    """
    body: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": problem.en,
        "title_zh": problem.zh,
        "status": problem.status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
    if errors:
        body["errors"] = errors
    return orjson.dumps(body)


def problem_headers(problem: Problem, code: str) -> dict[str, str]:
    """Headers that a status demands: `Retry-After` for 503 and 429, `WWW-Authenticate` for 401; never cached."""
    headers = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"}
    if problem.status in (429, 503):
        headers["Retry-After"] = str(60 if problem.status == HTTPStatus.TOO_MANY_REQUESTS else RETRY_AFTER_SECONDS)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if code == "token-invalid" else "Bearer"
    return headers


def detail_of(error: LedgerError) -> str:
    """The message of a refusal; for the other families their title, since a stranger cannot use more."""
    if isinstance(error, Refused):
        return str(error) or problem_of(error)[1].en
    return problem_of(error)[1].en


def error_response(error: LedgerError, request_id: str) -> Response:
    """An error of ours as a problem answer.

    request_id  as in the `X-Request-Id` header
    raises      nothing
    """
    code, problem = problem_of(error)
    content = problem_body(code, problem, detail=detail_of(error), request_id=request_id)
    return Response(content, status_code=problem.status, headers=problem_headers(problem, code))


def code_response(code: str, request_id: str, *, errors: list[dict[str, str]] | None = None) -> Response:
    """A problem that needs no error object: the code's own title is its detail.

    code    a key of PROBLEMS
    raises  KeyError for another code (our own mistake, never an input's)
    """
    problem = PROBLEMS[code]
    content = problem_body(code, problem, detail=problem.en, request_id=request_id, errors=errors)
    return Response(content, status_code=problem.status, headers=problem_headers(problem, code))


def request_id_of(request: Request) -> str:
    """The id that the outermost layer gave this request, or "-" outside of it."""
    found = request.scope.get("request_id", "-")
    return found if isinstance(found, str) else "-"


async def _ledger_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, LedgerError):
        raise error
    return error_response(error, request_id_of(request))


async def _validation_error(request: Request, error: Exception) -> Response:
    """Names the wrong parameters and the rule they broke. FastAPI's own handler echoes the value that was sent."""
    if not isinstance(error, RequestValidationError):
        raise error
    errors: list[dict[str, str]] = []
    for found in error.errors():
        place = [str(step) for step in found.get("loc", ())[:2]]
        errors.append({"pointer": "/" + "/".join(place[:1] if place[:1] == ["body"] else place), "code": found["type"]})
    return code_response("parameter-invalid", request_id_of(request), errors=errors)


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = _HTTP_CODES.get(error.status_code, "body-invalid" if error.status_code < 500 else "internal")
    answer = code_response(code, request_id_of(request))
    if error.headers and "Allow" in error.headers:
        answer.headers["Allow"] = error.headers["Allow"]
    return answer


def install(app: FastAPI) -> None:
    """Makes every error of an application a problem answer. Unforeseen exceptions are the outermost layer's."""
    app.add_exception_handler(LedgerError, _ledger_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
