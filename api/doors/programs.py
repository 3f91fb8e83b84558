"""The doors of the JSON API: which right opens each, beside the scope that a token must have (see the operation).

Paths are below ``/api/v1``. A route that is not here opens to nobody, and the API does not start.
"""

from collections.abc import Mapping

from api.doors.keys import CHOSEN, Key
from models.rights import Right

PROGRAMS: Mapping[Key, str] = {
    CHOSEN: "POST /processes/{process}/cases",
    Right.WORK: """
        GET /inbox
        POST /inbox/copies/read
        GET /steps
        POST /steps/bulk-decision
        GET /absences
        POST /absences
        GET /preferences
        PUT /preferences
        PUT /preferences/channels/{channel_id}
        POST /preferences/test-message
        GET /calendar-feed
        POST /calendar-feed
        DELETE /calendar-feed
        GET /sign-ins
        GET /tokens
        POST /tokens
        POST /tokens/{token_id}/revoke
        GET /session
        POST /session/end-others
        GET /views
        POST /views
        GET /views/{view_id}
        PUT /views/{view_id}
        DELETE /views/{view_id}
        GET /processes
        GET /qualifications
        GET /invitations
    """,
    Right.LOOK_FOR: """
        GET /cases
        GET /cases.csv
        GET /cases.xlsx
        GET /customers
        GET /invoices
        GET /payments
        GET /ageing
        GET /search
        GET /exports/{what}.{kind}
    """,
    Right.SET_ABSENCES: "POST /absences/{absence_id}/cancel",
    Right.SEE_CASE: """
        GET /cases/{ref}
        GET /cases/{ref}/held
        GET /cases/{ref}/assessment
        GET /cases/{ref}/changes
        GET /cases/{ref}/changes/{number}
        GET /cases/{ref}/report
        GET /cases/{ref}/report.xlsx
        GET /cases/{ref}/papers
        GET /cases/{ref}/invitations
        GET /papers/{paper_id}
        GET /papers/{paper_id}/file
        GET /attachments/{attachment_id}
    """,
    Right.COMMENT: "POST /cases/{ref}/comment",
    Right.URGE: "POST /cases/{ref}/urge",
    Right.WITHDRAW: "POST /cases/{ref}/withdraw",
    Right.TAKE_EVIDENCE: "GET /cases/{ref}/evidence",
    Right.EXCEPT_CHANGE: """
        PUT /cases/{ref}/changes/{number}/exception
        DELETE /cases/{ref}/changes/{number}/exception
    """,
    Right.ANSWER: """
        GET /steps/{signer_id}
        POST /steps/{signer_id}/decision
        POST /steps/{signer_id}/transfer
        POST /steps/{signer_id}/delegate
        POST /steps/{signer_id}/take-back
        POST /steps/{signer_id}/add-signer
        POST /steps/{signer_id}/remove-signer
        POST /steps/{signer_id}/copy
        POST /steps/{signer_id}/comment
        POST /steps/{signer_id}/question
        POST /steps/{signer_id}/attachments
    """,
    Right.SEE_QUESTION: "GET /questions/{question_id}",
    Right.ANSWER_QUESTION: "POST /questions/{question_id}/answer",
    Right.LOOK_AFTER_OUTSIDE: """
        POST /invitations/{invitation_id}/resend
        POST /invitations/{invitation_id}/anew
    """,
    Right.OPEN_ONBOARDING: """
        POST /cases
        POST /cases/import
    """,
    Right.BEGIN_REPAIR: "POST /customers/{number}/repair-link",
    Right.REPORT_RELAPSE: "POST /customers/{number}/relapse",
    Right.SEE_CUSTOMER: """
        GET /customers/{number}
        GET /customers/{number}/trading
        GET /customers/{number}/privacy
        GET /customers/{number}/may-share
    """,
    Right.KEEP_CONSENTS: """
        POST /customers/{number}/consents
        POST /customers/{number}/consents/{row_id}/withdraw
    """,
    Right.IMPORT_CONSENTS: "POST /consents/import",
    Right.DECIDE_ERASURE: """
        GET /customers/{number}/everything
        POST /customers/{number}/holds
        POST /holds/{row_id}/lift
        POST /customers/{number}/erasures
        POST /erasures/{row_id}/confirm
        POST /erasures/{row_id}/turn-down
    """,
    Right.SEE_LOOKS: "GET /customers/{number}/looks",
    Right.UNMASK: "POST /customers/{number}/unmask",
    Right.IMPORT_CUSTOMERS: "POST /customers/import",
    Right.KEEP_LEDGER: """
        POST /invoices
        POST /invoices/import
        POST /payments
        POST /payments/import
    """,
    Right.KEEP_QUALIFICATIONS: """
        POST /qualifications
        POST /qualifications/{entry_id}/revoke
        POST /qualifications/import
    """,
    Right.SEE_STATISTICS: """
        GET /statistics
        GET /statistics/load
        GET /statistics/processes/{process}
        GET /portfolio
    """,
    Right.SEE_OPERATIONS: """
        GET /operations
        GET /operations/queue
        GET /operations/queue/{ref}
        GET /outbox
        GET /outbox/{number}
        GET /policies
        GET /policies/{version}
        GET /policies/{version}/differences
        GET /schedules
        GET /schedules/{routine}
        GET /schedules/{routine}/runs
        GET /schedules/{routine}/changes
        GET /staff
        GET /staff/{person}
    """,
    Right.END_ACCESS: "POST /staff/{person}/end-access",
    Right.SEE_WEBHOOKS: """
        GET /webhooks
        GET /webhooks/{webhook_id}
        GET /webhooks/{webhook_id}/deliveries
    """,
    Right.OPERATE: """
        POST /operations/queue/{ref}/retry
        POST /operations/queue/{ref}/wake
        POST /operations/queue/{ref}/cancel
        POST /outbox/resend-dead
        POST /outbox/{number}/resend
        POST /outbox/{number}/anew
        POST /outbox/{number}/skip
        POST /schedules/{routine}/preview
        POST /schedules/{routine}
        PUT /schedules/{routine}/{schedule}
        DELETE /schedules/{routine}/{schedule}
        POST /schedules/{routine}/pause
        POST /schedules/{routine}/resume
        POST /schedules/{routine}/run
        POST /schedules/{routine}/{schedule}/skip
        POST /schedules/{routine}/{schedule}/restore
        POST /staff
        PUT /staff/{person}
        POST /staff/{person}/service
        POST /staff/{person}/hand-on
        POST /staff/{person}/channels
        DELETE /staff/{person}/channels/{channel}
        POST /staff/{person}/sign-in-link
        POST /staff/import
        POST /webhooks
        PUT /webhooks/{webhook_id}
        DELETE /webhooks/{webhook_id}
        POST /webhooks/{webhook_id}/pause
        POST /webhooks/{webhook_id}/resume
        POST /webhooks/{webhook_id}/ping
        POST /webhook-deliveries/{delivery_id}/resend
    """,
}
