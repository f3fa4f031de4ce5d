// See TorchCollectionFactory for which tests run beside others.
[assembly: CollectionBehavior("MsVit.Tests.Support.TorchCollectionFactory", "MsVit.Tests")]
[assembly: TestCollectionOrderer("MsVit.Tests.Support.LongestFirst", "MsVit.Tests")]
