using MsVit.MLNet.Kernels;
using MsVit.Tests.Kernels.Neurons;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Convolution;

/// <summary>What a max-pool behind Winograd's convolutions relies on to break ties as it does behind the definition.</summary>
public sealed class EqualNeighborhoodsTests
{
    public static TheoryData<string, int, int, int> Cases => new()
    {
        { "spikes", 32, 16, 16 },
        { "spikes", 48, 13, 31 },
        { "fractions", 32, 14, 14 },
        { "spikes in bfloat16", 64, 12, 8 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Equal_neighborhoods_get_equal_outputs_wherever_they_lie_in_their_tiles(string kind, int channels, int height, int width)
    {
        using var scope = NewDisposeScope();
        var x = FlatWithPatches(kind, channels, height, width);
        var weight = Weight(channels);
        foreach (var lanes in Layers.Widths)
        {
            var y = Winograd.Convolve(x, weight, new(), lanes).detach().to(float32);
            var pairs = 0;
            for (var image = 0; image < x.shape[0]; image++)
            {
                pairs += ComparePixels(x[image].to(float32), y[image]);
            }
            Assert.True(pairs > 100, $"{pairs} pixels had the neighborhood of another");
        }
    }

    [Theory]
    [InlineData("spikes", 32, 16, 16)]
    [InlineData("spikes", 48, 13, 31)]
    [InlineData("fractions", 32, 14, 14)]
    public void A_max_pool_takes_the_places_that_it_takes_behind_the_definition(string kind, int channels, int height, int width)
    {
        using var scope = NewDisposeScope();
        var x = FlatWithPatches(kind, channels, height, width);
        var weight = Weight(channels);
        var exact = nn.functional.conv2d(x.to(float64), weight.detach().to(float64), padding: [1, 1]);
        Assert.True(Places(exact).equal(Places(Winograd.Convolve(x, weight, new()).detach())).all().item<bool>());
    }

    [Fact]
    public void Neighborhoods_that_differ_by_one_spike_keep_their_own_outputs()
    {
        using var scope = NewDisposeScope();
        const int Channels = 64, Side = 24;
        // One spike a pixel, each in another channel than those around it.
        var spikes = ((arange(Side).view(-1, 1) * 7 + arange(Side) * 3) % Channels).to(int64);
        var x = nn.functional.one_hot(spikes, Channels).permute(2, 0, 1).unsqueeze(0).to(float32);
        var weight = Weight(Channels);
        var exact = nn.functional.conv2d(x.to(float64), weight.detach().to(float64), padding: [1, 1]);
        Assert.InRange((Winograd.Convolve(x, weight, new()).detach().to(float64) - exact).abs().max().item<double>(), 0, 1e-4);
    }

    [Fact]
    public void A_frozen_weight_changes_nothing()
    {
        using var scope = NewDisposeScope();
        var x = FlatWithPatches("spikes", 32, 16, 16);
        var weight = Weight(32);
        var learned = Winograd.Convolve(x, weight, new()).detach();
        Assert.True(Winograd.Convolve(x.requires_grad_(), weight.detach(), new()).equal(learned).all().item<bool>());
    }

    // A background of one pixel, zeros around it, and squares of noise, at places that are no multiples of a tile.
    private static Tensor FlatWithPatches(string kind, int channels, int height, int width)
    {
        using var generator = new Generator(21);
        var noise = rand([3, channels, height, width], generator: generator);
        var background = rand([1, channels, 1, 1], generator: generator).expand_as(noise);
        var (row, column) = (arange(height).view(-1, 1), arange(width));
        var isNoise = (row % 9 == 5).logical_and(column % 7 == 3);
        var values = where(isNoise, noise, background) * (row > 2).to(float32);
        return kind == "fractions" ? values : (values > 0.7).to(kind == "spikes" ? float32 : bfloat16);
    }

    private static Tensor Weight(int channels)
    {
        using var generator = new Generator(4);
        return randn([channels, channels, 3, 3], generator: generator).requires_grad_();
    }

    // How many pixels had the neighborhood of an earlier one.
    private static int ComparePixels(Tensor x, Tensor y)
    {
        var neighborhoods = nn.functional.unfold(x.unsqueeze(0), 3, padding: 1)[0].t().contiguous().data<float>().ToArray();
        var outputs = y.flatten(1).t().contiguous().data<float>().ToArray();
        var (pixels, channels) = ((int)(x.shape[1] * x.shape[2]), (int)y.shape[0]);
        var size = neighborhoods.Length / pixels;
        var pairs = 0;
        for (var one = 0; one < pixels; one++)
        {
            var first = Enumerable.Range(0, one + 1).First(
                other => neighborhoods.AsSpan(other * size, size).SequenceEqual(neighborhoods.AsSpan(one * size, size)));
            pairs += first == one ? 0 : 1;
            var expected = outputs.AsSpan(first * channels, channels);
            Assert.True(expected.SequenceEqual(outputs.AsSpan(one * channels, channels)), $"pixels {first} and {one}");
        }
        return pairs;
    }

    private static Tensor Places(Tensor y) => nn.functional.max_pool2d_with_indices(y, [3, 3], [2, 2], [1, 1]).Item2;
}
