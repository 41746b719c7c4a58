-- kroner_by_knowledge.sql  the whole ledger by what is known of its effect
-- grain                    one row per core task, part and currency
FROM v_kroner_by_knowledge
ORDER BY currency, part, nominal_ore DESC, core_task_id
