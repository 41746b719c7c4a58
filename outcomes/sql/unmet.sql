-- unmet.sql  index events that are outside an indicator's population
-- makes      unmet(indicator_no, index_key), filled by the unmet_*.sql that the catalogue needs
CREATE OR REPLACE TEMP TABLE unmet (indicator_no USMALLINT, index_key UBIGINT);
