// Every test here starts processes and loads the machine; side by side they would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
