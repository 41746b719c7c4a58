-- effect_messages.sql   one message per effect version: a CloudEvents envelope as JSON text
-- reads      versions (columns of `effect`)
-- parameters $source who sends; no clock is read: `time` is the effect's known_from
-- grain      one row per row of `versions`, in the order of batch
-- columns    key    the subject: all versions of one subject go to one partition, in order
--            value  the message; `id` is (indicator, its version, index event, version), so a reader can drop repeats by source and id
SELECT subject AS key,
       to_json({
           'specversion': '1.0',
           'id': concat_ws(':', indicator_id, indicator_version, index_key, version),
           'source': $source,
           'type': 'dk.kerneopgave.effect.changed.v1',
           'subject': subject,
           'time': strftime(known_from, '%Y-%m-%dT%H:%M:%S.%fZ'),
           'datacontenttype': 'application/json',
           'data': {
               'indicator_id': indicator_id,
               'indicator_version': indicator_version,
               'core_task_id': core_task_id,
               'index_source': index_source,
               'index_id': index_id,
               'index_on': index_on,
               'unit_id': unit_id,
               'resolves_on': resolves_on,
               'decided_on': decided_on,
               'outcome': outcome,
               'value': value,
               'baseline': baseline,
               'contributors': contributors::JSON,
               'known_from': strftime(known_from, '%Y-%m-%dT%H:%M:%S.%fZ'),
               'version': version
           }
       })::VARCHAR AS value
FROM versions
ORDER BY batch
