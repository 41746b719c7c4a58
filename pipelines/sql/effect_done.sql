-- effect_done.sql  the working views and tables of the comparison go
DROP VIEW temp.current_effect;
DROP TABLE temp.revised_effect;
DROP VIEW temp.standing_event;
DROP VIEW temp.scope_event;
DROP VIEW temp.scope_amended_event;
DROP VIEW temp.scope_effect;
DROP TABLE temp.gone_effect;
