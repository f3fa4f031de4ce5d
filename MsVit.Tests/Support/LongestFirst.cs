using MsVit.Tests.Distributed;
using MsVit.Tests.Sweep;
using Xunit.Abstractions;

namespace MsVit.Tests.Support;

/// <summary>Starts the collections that take longest first: the tests of torch, and those that wait for other processes.</summary>
/// <remarks>One collection runs its tests one after the other, so the last to begin decides when all are done.</remarks>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = [TorchCollectionFactory.Torch, MpiJobs.Name, nameof(SweepWorkersTests)];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Array.FindIndex(Long, name => collection.DisplayName.Contains(name, StringComparison.Ordinal))
            is >= 0 and var place ? place : Long.Length);
}
