using MsVit.MLNet;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Network.Blocks;

public sealed class SpikingConvTests
{
    private const int Steps = 4;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_still_image_run_once_gives_what_its_copies_give_and_leaves_the_same_statistics(bool training)
    {
        using var scope = torch.NewDisposeScope();
        using var one = new Owner();
        using var other = new Owner();
        one.train(training);
        other.train(training);
        using var generator = new torch.Generator(31);
        var image = torch.randn([2, 3, 7, 6], generator: generator);
        var still = one.Conv.ForwardStill(image, Steps, new());
        var copies = other.Conv.Forward(image.unsqueeze(0).expand(Steps, -1, -1, -1, -1), new());
        Assert.Equal([Steps, 2, 5, 4, 3], still.shape);
        Close.Equal(copies, still, "spikes");

        var upstream = torch.randn(still.shape, generator: generator);
        (still * upstream).sum().backward();
        (copies * upstream).sum().backward();
        foreach (var (name, parameter) in one.named_parameters())
        {
            Close.Within(1e-4, other.get_parameter(name)!.grad!, parameter.grad!, $"gradient of {name}");
        }
        foreach (var (name, buffer) in one.named_buffers())
        {
            Close.Within(1e-6, other.get_buffer(name)!, buffer, name);
        }
        Assert.Equal(training ? 1 : 0, one.get_buffer("unit_bn.num_batches_tracked")!.item<long>());
    }

    [Fact]
    public void Its_parts_are_stored_under_the_names_of_the_reference()
    {
        using var owner = new Owner();
        Assert.Equal(
            ["unit_bn.bias", "unit_bn.num_batches_tracked", "unit_bn.running_mean", "unit_bn.running_var", "unit_bn.weight",
                "unit_conv.weight", "unit_lif.w"],
            owner.state_dict().Keys.Order(StringComparer.Ordinal));
    }

    private sealed class Owner : torch.nn.Module
    {
        public Owner()
            : base(nameof(Owner))
        {
            var neurons = new NeuronFactory(NeuronKind.Plif, 2, Surrogate.Default, Steps);
            Conv = new SpikingConv(this, "unit", MsVit.MLNet.Conv.OverImage(3, 5, kernel: 3), neurons.Create(1), pool: true);
            InitialWeights.Draw(this, 1);
        }

        public SpikingConv Conv { get; }
    }
}
