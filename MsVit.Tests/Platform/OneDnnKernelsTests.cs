using MsVit.MLNet;
using static TorchSharp.torch;

namespace MsVit.Tests.Platform;

public sealed class OneDnnKernelsTests
{
    private const int Caches = unchecked((int)0x8000001D), Highest = unchecked((int)0x80000000);

    // "GenuineIntel" and "AuthenticAMD" as CPUID gives them: EBX, ECX, EDX.
    private static readonly (int, int, int) Intel = (0x756E6547, 0x6C65746E, 0x49656E69);
    private static readonly (int, int, int) Amd = (0x68747541, 0x444D4163, 0x69746E65);

    [Theory]
    [InlineData(true, 0x80000021, 0x00000121, false)]
    [InlineData(true, 0x80000021, 0, true)]
    [InlineData(true, 0x80000021, 0x00004000, true)]
    [InlineData(true, 0x8000001A, 0x00000121, true)]
    [InlineData(false, 0x80000008, 0, false)]
    public void Caches_are_hidden_where_an_amd_cpu_describes_none(bool isAmd, uint highest, int firstCache, bool hides)
    {
        Assert.Equal(hides, OneDnnKernels.HidesCaches((leaf, subleaf) => (leaf, subleaf) switch
        {
            (0, 0) => isAmd ? (0xD, Amd.Item1, Amd.Item2, Amd.Item3) : (0xD, Intel.Item1, Intel.Item2, Intel.Item3),
            (Highest, 0) => (unchecked((int)highest), 0, 0, 0),
            (Caches, 0) => (firstCache, 0, 0, 0),
            _ => throw new InvalidOperationException($"Leaf {leaf:X}"),
        }));
    }

    // Wrong, or the end of the process, on a machine with AVX-512 that hides its caches, unless the kernels are limited.
    [Theory]
    [InlineData(128, 512, 8, 1)]
    [InlineData(256, 1024, 4, 1)]
    [InlineData(1000, 72, 4, 1)]
    [InlineData(2048, 512, 4, 1)]
    [InlineData(2048, 1024, 7, 1)]
    [InlineData(64, 96, 8, 3)]
    public void The_convolutions_of_this_process_are_right(int input, int output, int side, int kernel)
    {
        NativeTorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        // Small integers, whose sums are exact.
        var x = Numbers(16, side, side, input).permute(0, 3, 1, 2).requires_grad_();
        var weight = Numbers(output, input, kernel, kernel).requires_grad_();
        var y = nn.functional.conv2d(x, weight, padding: [kernel / 2, kernel / 2]);
        var expected = Product(x, weight);
        Equal(expected, y);
        var upstream = Numbers(16, side, side, output).permute(0, 3, 1, 2);
        Assert.All(autograd.grad([expected], [x, weight], [upstream]).Zip(autograd.grad([y], [x, weight], [upstream])),
            pair => Equal(pair.First, pair.Second));

        Tensor Numbers(params long[] shape) => randint(-2, 3, shape, ScalarType.Float32, generator: generator);

        static void Equal(Tensor wanted, Tensor actual) => Assert.Equal(0, (wanted - actual).abs().max().item<float>());
    }

    // Neighborhoods as rows of a matrix.
    private static Tensor Product(Tensor x, Tensor weight)
    {
        var kernel = weight.shape[2];
        var columns = nn.functional.unfold(x, kernel, padding: kernel / 2);
        return weight.flatten(1).matmul(columns).view(x.shape[0], weight.shape[0], x.shape[2], x.shape[3]);
    }
}
