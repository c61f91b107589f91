-- Transaction ids of the cluster that the backup came from mean nothing here.
update delivery.routing_versions set tx = pg_current_xact_id();
