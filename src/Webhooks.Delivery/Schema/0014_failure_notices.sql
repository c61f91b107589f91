-- Deliveries that used up their attempts, still to be told to the company's webhooks that name the event type for it.
create table delivery.failure_notices (
    delivery_id  uuid    not null,
    version      integer not null,                      -- of the delivery's stream: the fact that is told
    webhook_id   uuid    not null,
    company_id   uuid    not null,
    message_id   uuid    not null,
    primary key (delivery_id, version)
);
