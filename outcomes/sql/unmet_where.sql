-- unmet_where.sql  index events that fail a population's conditions on the index event's own fields
-- reads            index_event, hit, own_fields (indicator, filter)
-- makes            more rows of unmet
INSERT INTO unmet
SELECT w.indicator_no, x.index_key
FROM own_fields w JOIN index_event x USING (index_set)
    ANTI JOIN hit h ON h.filter_no = w.filter_no AND h.event_key = x.index_key;
