using MsVit.MLNet;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Network;

[Collection(nameof(GeneratorTests))]
public sealed class GeneratorTests
{
    [Fact]
    public void Building_a_network_leaves_torchs_generator_as_it_was()
    {
        using var scope = torch.NewDisposeScope();
        var before = torch.get_rng_state();
        using var network = new MsVitNetwork(MsVitConfig.Preset("tiny-32"));
        Close.Equal(before, torch.get_rng_state(), "state of the generator");
    }

    /// <summary>Torch's generator is one for the process, so nothing else may run beside this.</summary>
    [CollectionDefinition(nameof(GeneratorTests), DisableParallelization = true)]
    public sealed class Alone;
}
