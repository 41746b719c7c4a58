-- mart_amount_chosen.sql  one amount's events, summed; an event that states no amount is not one of them
-- reads       doing
-- parameters  $amount_no, $grid, $currency the municipality's, for events that name none
INSERT INTO amount_count BY NAME
SELECT
    $amount_no AS amount_no,
    doing.unit_id,
    period_start(doing.occurred_on, $grid) AS period_start,
    coalesce(doing.fields ->> '$.currency', $currency) AS currency,
    count(*) AS events,
    count(DISTINCT doing.subject_key) AS subjects,
    sum(doing.amount_ore) AS amount_ore
FROM doing
WHERE doing.amount_ore IS NOT NULL AND (/*chosen*/ true)
GROUP BY ALL;
