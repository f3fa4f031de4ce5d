namespace MsVit.Tests.Kernels.Neurons;

/// <summary>These tests set torch's number of threads, so nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FusedTests
{
    public const string Name = "Fused neurons";
}
