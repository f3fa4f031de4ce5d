namespace MsVit.MLNet;

/// <summary>A convolution of a stem, with batch norm and neurons.</summary>
/// <param name="Name">Below patch_embed1.</param>
/// <param name="Divisor">Its channels are those of the first stage divided by this.</param>
/// <param name="Pool">Where it halves height and width. The default is nowhere.</param>
/// <param name="Kernel">The default is 3.</param>
/// <param name="Stride">The default is 1.</param>
/// <param name="From">The convolution whose output it reads; null (the default) for the one before it.</param>
/// <param name="AddsToMain">Whether its spikes are added to the output of the one before it. The default is that they are not.</param>
internal sealed record StemConv(
    string Name, int Divisor, PoolOrder Pool = PoolOrder.None, int Kernel = 3, int Stride = 1, string? From = null,
    bool AddsToMain = false);

/// <summary>The convolutions of each stem; the remarks of its module draw them.</summary>
internal static class StemLayout
{
    private const PoolOrder Pool = PoolOrder.BeforeNeurons, PoolAfter = PoolOrder.AfterNeurons;

    /// <summary>The values of <see cref="MsVitConfig.StemStride"/> that a stem can have.</summary>
    public static int[] Strides(StemKind stem) => stem switch
    {
        StemKind.Event => [8],
        StemKind.Spikformer => [4, 16],
        _ => [1, 2, 4],
    };

    /// <summary>The convolutions in the order in which they run.</summary>
    public static IReadOnlyList<StemConv> Of(MsVitConfig config) => (config.Stem, config.StemStride, config.ResolvedStemDivisors) switch
    {
        (StemKind.Image, 1, _) => [new("proj", 2), new("proj1", 1), Shortcut("proj", stride: 1)],
        (StemKind.Image, 2, _) => [new("proj", 2, Pool), new("proj1", 1), Shortcut("proj", stride: 1)],
        (StemKind.Image, 4, _) => [new("proj", 2, Pool), new("proj1", 1, Pool), new("proj2", 1), Shortcut("proj", stride: 2)],
        (StemKind.Event, 8, [var a, var b, var c, var d]) =>
            [new("proj", a), new("proj1", b, Pool), new("proj2", c, Pool), new("proj3", d, Pool), Shortcut("proj1", stride: 4)],
        (StemKind.Spikformer, 4, _) =>
            [new("proj", 8), new("proj1", 4), new("proj2", 2, PoolAfter), new("proj3", 1, PoolAfter), Position],
        (StemKind.Spikformer, 16, _) =>
            [new("proj", 8, PoolAfter), new("proj1", 4, PoolAfter), new("proj2", 2, PoolAfter), new("proj3", 1, PoolAfter), Position],
        _ => throw new InvalidOperationException($"There is no {config.Stem} stem of stride {config.StemStride}."),
    };

    private static StemConv Position => new("rpe", 1, AddsToMain: true);

    private static StemConv Shortcut(string from, int stride) =>
        new("proj_res", 1, Kernel: 1, Stride: stride, From: from, AddsToMain: true);
}
