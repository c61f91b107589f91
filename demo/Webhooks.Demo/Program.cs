return await Webhooks.Demo.Story.Run();
