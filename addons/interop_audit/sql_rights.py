"""SQL about who holds which right of Interop."""

# Roles that Interop's modules bring, and Odoo's own two roles that decide over them, each with all
# roles that imply it. A role of a customer's own that implies one of them thus counts as well.
HOLDERS = """
WITH RECURSIVE watched AS (
    SELECT res_id AS id, module || '.' || name AS code
      FROM ir_model_data
     WHERE model = 'res.groups'
       AND (left(module, 7) = 'interop'
            OR module = 'base' AND name IN ('group_system', 'group_erp_manager'))
), implying (id, code) AS (
    SELECT id, code FROM watched
     UNION
    SELECT i.gid, implying.code
      FROM implying JOIN res_groups_implied_rel i ON i.hid = implying.id
), holders AS (
    SELECT DISTINCT u.id AS user_id, implying.code
      FROM implying
      JOIN res_groups_users_rel g ON g.gid = implying.id
      JOIN res_users u ON u.id = g.uid AND u.active
)
"""

#: (user, kind, value) of everybody who holds such a right.
STANDING = (
    HOLDERS
    + """
SELECT user_id, 'rights', code FROM holders
UNION ALL
SELECT c.user_id, 'companies', c.cid::text
  FROM res_company_users_rel c
 WHERE c.user_id IN (SELECT user_id FROM holders)
UNION ALL
SELECT a.user_id, 'areas', coalesce(area.code, a.area_id::text)
  FROM interop_area_res_users_rel a
  LEFT JOIN interop_area area ON area.id = a.area_id
 WHERE a.user_id IN (SELECT user_id FROM holders)
"""
)
