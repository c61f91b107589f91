return await Webhooks.Api.Hosting.WebhooksHost.Run(args);
