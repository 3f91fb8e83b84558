"""The doors of the pages: which right opens each. A page that is not here opens to nobody, and the API does not start.

``GET`` means ``HEAD`` too.
"""

from collections.abc import Mapping

from api.doors.keys import CHOSEN, Key, Open
from models.rights import Right

PAGES: Mapping[Key, str] = {
    Open.ANYBODY: """
        GET /sign-in
        POST /sign-in
        GET /sign-in/{token}
        POST /sign-in/{token}
        POST /sign-out
        GET /openid/start
        GET /openid/callback
    """,
    Open.LINK: """
        GET /a/{token}
        POST /a/{token}
        POST /a/{token}/moves/{name}
        GET /a/{token}/files/{attachment_id}
        POST /a/{token}/sign-in
    """,
    Open.OUTSIDE_LINK: """
        GET /o/{token}
        POST /o/{token}
        POST /o/{token}/code
        GET /o/{token}/paper.docx
    """,
    Open.CALENDAR: "GET /calendar/{token}.ics",
    CHOSEN: """
        GET /start/{process}
        POST /start/{process}
        GET /repair/{name}
        POST /repair/{name}
        POST /customers/{number}/privacy/{act}
    """,
    Right.WORK: """
        GET /
        POST /copies/read
        GET /answer-several
        POST /answer-several
        GET /absence
        POST /absence
        GET /me
        POST /me/language
        POST /me/sign-out-elsewhere
        GET /me/sign-ins
        POST /me/end-access
        GET /me/calendar
        POST /me/calendar
        POST /me/calendar/revoke
        GET /me/notifications
        POST /me/notifications
        GET /me/notifications/test
        POST /me/notifications/test
        GET /me/notifications/channels/{channel_id}
        POST /me/notifications/channels/{channel_id}
        GET /me/tokens
        POST /me/tokens
        POST /me/tokens/{token_id}/revoke
        POST /views
        POST /views/{view_id}
        GET /start
        GET /qualifications
        GET /outside
    """,
    Right.LOOK_FOR: """
        GET /cases
        GET /cases.csv
        GET /cases.xlsx
        GET /customers
        GET /ledger
        GET /search
        GET /exports/{what}.{kind}
    """,
    Right.SET_ABSENCES: "POST /absence/{absence_id}/cancel",
    Right.SEE_CASE: """
        GET /cases/{ref}
        GET /cases/{ref}/times
        GET /cases/{ref}/steps
        GET /cases/{ref}/events
        GET /cases/{ref}/assessment
        GET /cases/{ref}/changes
        GET /cases/{ref}/changes/{number}
        GET /cases/{ref}/report
        GET /cases/{ref}/report.xlsx
        GET /cases/{ref}/pack
        GET /cases/{ref}/pack.xlsx
        GET /papers/{paper_id}
        GET /papers/{paper_id}.docx
        GET /files/{attachment_id}
    """,
    Right.COMMENT: "POST /cases/{ref}/comment",
    Right.URGE: "POST /cases/{ref}/urge",
    Right.WITHDRAW: "POST /cases/{ref}/withdraw",
    Right.TAKE_EVIDENCE: "GET /cases/{ref}/evidence.zip",
    Right.EXCEPT_CHANGE: "POST /cases/{ref}/changes/{number}",
    Right.ANSWER: """
        GET /steps/{signer_id}
        POST /steps/{signer_id}
        POST /steps/{signer_id}/moves/{name}
    """,
    Right.SEE_QUESTION: "GET /questions/{question_id}",
    Right.ANSWER_QUESTION: "POST /questions/{question_id}",
    Right.LOOK_AFTER_OUTSIDE: "POST /outside/{link_id}/{what}",
    Right.OPEN_ONBOARDING: """
        GET /apply
        POST /apply
        GET /import
        POST /import
        GET /import/template.csv
    """,
    Right.SEE_CUSTOMER: """
        GET /customers/{number}
        GET /customers/{number}/print
        GET /customers/{number}/privacy
    """,
    Right.DECIDE_ERASURE: "GET /customers/{number}/privacy/report",
    Right.SEE_ACCOUNT: "GET /ledger/{number}",
    Right.SEE_LOOKS: "GET /customers/{number}/looks",
    Right.UNMASK: "POST /customers/{number}/unmask",
    Right.IMPORT_CUSTOMERS: """
        GET /import/customers
        POST /import/customers
        GET /import/customers.csv
    """,
    Right.KEEP_LEDGER: """
        GET /ledger/import
        POST /ledger/import
        GET /ledger/template/{name}.csv
        GET /ledger/enter/{name}
        POST /ledger/enter/{name}
    """,
    Right.KEEP_QUALIFICATIONS: """
        POST /qualifications
        POST /qualifications/{entry_id}/revoke
        POST /qualifications/import
    """,
    Right.SEE_STATISTICS: """
        GET /management
        GET /management/load
        GET /management/processes
        GET /management/processes/{name}
        GET /management/portfolio
    """,
    Right.SEE_OPERATIONS: """
        GET /operations
        GET /operations/queue
        GET /operations/queue/{ref}
        GET /operations/messages
        GET /operations/messages/{number}
        GET /operations/policy
        GET /operations/policy/compare
        GET /operations/policy/{version}.yaml
        GET /operations/policy/{version}
        GET /operations/policy/{version}/{part}
        GET /operations/schedules
        GET /operations/schedules/{routine}
        GET /operations/staff
        GET /operations/staff.{kind}
        GET /operations/staff/{person_id}
    """,
    Right.SEE_SIGN_INS: "GET /operations/sign-ins",
    Right.SEE_WEBHOOKS: """
        GET /operations/webhooks
        GET /operations/webhooks/{webhook_id}
    """,
    Right.OPERATE: """
        POST /operations/queue/retry
        POST /operations/queue/{ref}/{act}
        POST /operations/messages/resend-dead
        POST /operations/messages/{number}/{act}
        GET /operations/schedules/{routine}/new
        POST /operations/schedules/{routine}/new
        GET /operations/schedules/{routine}/{schedule_id}
        POST /operations/schedules/{routine}/pause
        POST /operations/schedules/{routine}/resume
        POST /operations/schedules/{routine}/run
        POST /operations/schedules/{routine}/{schedule_id}
        POST /operations/schedules/{routine}/{schedule_id}/{what}
        GET /operations/staff/new
        POST /operations/staff/new
        GET /operations/staff/import
        POST /operations/staff/import
        GET /operations/staff/{person_id}/change
        POST /operations/staff/{person_id}/change
        POST /operations/staff/{person_id}/{act}
        POST /operations/webhooks
        POST /operations/webhooks/{webhook_id}
        POST /operations/webhooks/{webhook_id}/pause
        POST /operations/webhooks/{webhook_id}/resume
        POST /operations/webhooks/{webhook_id}/ping
        POST /operations/webhooks/{webhook_id}/delete
        POST /operations/webhooks/{webhook_id}/resend
    """,
}
