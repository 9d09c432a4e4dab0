"""Texts that several pages use. A page's own texts stand in its file. Reading level: a pupil of twelve to fifteen."""

from __future__ import annotations

from typing import Final

from api.web.words import Texts

COMMON: Final[Texts] = {
    "site": ("技能档案", "Skill Ledger"),
    "skip": ("跳到正文", "Skip to content"),
    "nav.main": ("主导航", "Main navigation"),
    "nav.view": ("文字大小和语言", "Text size and language"),
    "nav.me": ("我的档案", "My record"),
    "nav.verify": ("核验证书", "Check a certificate"),
    "nav.signin": ("登录", "Sign in"),
    "nav.signout": ("退出", "Sign out"),
    "nav.other": ("English", "中文"),
    "size.normal": ("标准", "Normal"),
    "size.large": ("大字", "Large"),
    "size.xlarge": ("长辈版", "Extra large"),
    "foot.help": ("需要帮助？打电话", "Need help? Call"),
    "foot.phone": ("12333（人社服务热线）", "12333 (public service line)"),
    "foot.domain": (
        "本站唯一网址：{domain}（读作：{spoken}）。其他网址都不是我们。",
        "Our only address: {domain} (say: {spoken}). Any other address is not ours.",
    ),
    "as_of": ("截至 {when}", "as of {when}"),
    "yes.all": ("全部", "All"),
    "status": ("状态", "Status"),
    "day": ("日期", "Date"),
    "issuer": ("签发机构", "Issued by"),
    "code": ("核验码", "Verification code"),
    "home": ("回到首页", "Back to the first page"),
    "again": ("再核一份", "Check another one"),
    "call": ("打 12333 问一问", "Call 12333"),
    "state.valid": ("有效", "Valid"),
    "state.recorded": ("已记入", "Recorded"),
    "state.expiring": ("快到期", "Expires soon"),
    "state.expired": ("已过期", "Expired"),
    "state.not_yet_valid": ("还没到生效日", "Not valid yet"),
    "state.suspended": ("暂停使用", "On hold"),
    "state.superseded": ("已更正", "Corrected"),
    "state.revoked": ("已撤销", "Revoked"),
    "state.erased": ("已删除", "Erased"),
    "reason.other": ("其他原因", "Another reason"),
    "reason.error": ("登记有误", "An error in the record"),
    "reason.issued-in-error": ("误发", "Issued in error"),
    "reason.data-error": ("信息登记有误", "Wrong data was recorded"),
    "reason.exam-irregularity": ("考试违规", "Irregularity in the examination"),
    "reason.fraud": ("弄虚作假", "Fraud"),
    "reason.score-corrected": ("考试成绩更正", "Examination score corrected"),
    "reason.issuer-request": ("机构提出", "Requested by the issuer"),
    "reason.holder-request": ("本人提出", "Requested by the holder"),
    "reason.key-compromise": ("机构的签章可能被盗用", "The issuer's seal may have been misused"),
    "reason.under-review": ("正在复核", "Under review"),
    "reason.duplicate": ("重复登记", "Recorded twice"),
    "reason.lost": ("证书遗失，补发", "Certificate lost and issued again"),
    "reason.damaged": ("证书损坏，换发", "Certificate damaged and issued again"),
    "reason.renamed": ("姓名变更，换发", "Certificate issued again under the new name"),
    "error.back": ("您可以回到首页，或者打 12333 问一问。", "You can go back to the first page, or call 12333."),
    "error.number": ("办事编号（打电话时请报这个号）", "Reference (please give it when you call)"),
    "error.400.title": ("没有看懂您的请求", "We did not understand the request"),
    "error.400.text": ("请退回上一页，检查后再试。", "Please go back, check what you entered and try again."),
    "error.403.title": ("这一步没有成功", "This step was not allowed"),
    "error.403.text": (
        "页面可能打开太久了，或者您没有权限看这一页。请退回上一页刷新后再试；要看自己的档案，请先登录。",
        (
            "The page may have been open for too long, or you may not see it. Go back, reload and try again; "
            "to see your own record, sign in first."
        ),
    ),
    "error.404.title": ("没有这一页", "There is no such page"),
    "error.404.text": ("网址可能输错了，或者这一页已经搬走。", "The address may be mistyped, or the page has moved."),
    "error.405.title": ("这个网址不能这样打开", "This address cannot be opened this way"),
    "error.405.text": ("请从首页重新开始。", "Please start again from the first page."),
    "error.413.title": ("文件太大了", "The file is too large"),
    "error.413.text": (
        "请上传机构给您的原始文件，不要上传照片或录像。",
        "Please upload the original file you were given, not a photo or a video.",
    ),
    "error.429.title": ("查得太快了", "Too many requests"),
    "error.429.text": ("请等一分钟再试。", "Please wait a minute and try again."),
    "error.500.title": ("我们这边出错了", "Something went wrong on our side"),
    "error.500.text": (
        "不是您的问题，您的档案没有受影响。请稍后再试。",
        "It is not your fault, and your record is safe. Please try again later.",
    ),
    "error.503.title": ("现在太忙，暂时打不开", "The service is busy right now"),
    "error.503.text": (
        "您的档案没有受影响。请过几分钟再试。",
        "Your record is safe. Please try again in a few minutes.",
    ),
}
"""Key -> (Chinese, English)."""
