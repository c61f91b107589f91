-- A webhook whose share of a node's memory was full gets its due rows fetched by itself, oldest first.
create index queue_due_by_webhook on delivery.queue (webhook_id, due_at, delivery_id) where due_at is not null;
