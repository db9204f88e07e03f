"""SQL of the access review."""

from odoo.addons.interop_audit.sql_rights import HOLDERS

#: Of each user of a company: each right, and the roles assigned to them that give it.
HELD = (
    HOLDERS
    + """
SELECT h.user_id, h.code, array_agg(DISTINCT i.id ORDER BY i.id)
  FROM holders h
  JOIN implying i ON i.code = h.code
  JOIN res_groups_users_rel g ON g.gid = i.id AND g.uid = h.user_id
 WHERE EXISTS (SELECT FROM res_company_users_rel c
                WHERE c.user_id = h.user_id AND c.cid = %(company)s)
   AND h.user_id <> %(root)s
 GROUP BY 1, 2
 ORDER BY 1, 2
"""
)

#: Right -> the rights that come with it.
IMPLIED = (
    HOLDERS
    + """
SELECT DISTINCT w.code, i.code
  FROM watched w JOIN implying i ON i.id = w.id AND i.code <> w.code
"""
)

#: When each user did each kind of act last. Only acts of people.
LAST_ACTS = """
SELECT actor_id,
       act || CASE WHEN act IN ('message.content.read', 'policy.previewed')
                        AND strpos(details, '"view":"clear"') > 0
                   THEN ':clear' ELSE '' END AS act,
       max(ts) AT TIME ZONE 'UTC'
  FROM interop_audit_entry
 WHERE actor_kind = 'user' AND actor_id = ANY(%(users)s)
 GROUP BY 1, 2
"""

LAST_LOGINS = """
SELECT create_uid, max(create_date) FROM res_users_log
 WHERE create_uid = ANY(%(users)s) GROUP BY 1
"""

#: Who took a right from a user last, and when.
TAKEN = """
SELECT actor_name, ts AT TIME ZONE 'UTC'
  FROM interop_audit_entry
 WHERE res_model = 'res.users' AND res_id = %(user)s AND act = 'access.taken'
   AND strpos(details, %(right)s) > 0 AND ts >= %(since)s::timestamp AT TIME ZONE 'UTC'
 ORDER BY id DESC LIMIT 1
"""
