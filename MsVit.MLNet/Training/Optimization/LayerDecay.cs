using System.Globalization;

namespace MsVit.MLNet;

/// <summary>Lets lower layers learn more slowly: the learning rate of layer i of L is multiplied by factor^(L - i).</summary>
/// <remarks>
/// Layers as in BEiT (Bao et al., ICLR 2022) and timm: the stem is layer 0, the blocks are 1 to n through all stages, the head is
/// L = n + 1. An embedding between two stages belongs to the block after it, as in BEiT's recipe for ConvNeXt.
/// </remarks>
internal sealed class LayerDecay
{
    private const string Embedding = "patch_embed", Stage = "stage";

    private readonly double _factor;

    // The layer of each stage's first block, and the layer after the last block.
    private readonly int[] _first;

    /// <param name="names">The names of all parameters of the network, in any order.</param>
    /// <param name="factor">Above 0 to 1.</param>
    public LayerDecay(IEnumerable<string> names, double factor)
    {
        _factor = factor;
        var blocks = names.Select(Block).OfType<(int Stage, int Index)>().ToLookup(block => block.Stage, block => block.Index);
        var stages = blocks.Select(stage => stage.Key).DefaultIfEmpty(0).Max();
        _first = new int[stages + 2];
        _first[0] = _first[1] = 1;
        for (var stage = 1; stage <= stages; stage++)
        {
            _first[stage + 1] = _first[stage] + blocks[stage].DefaultIfEmpty(-1).Max() + 1;
        }
    }

    /// <summary>L, the layer of the head and of everything that is neither embedding nor block.</summary>
    public int Last => _first[^1];

    /// <summary>The layer of a parameter.</summary>
    public int LayerOf(string name)
    {
        if (Block(name) is var (stage, index))
        {
            return _first[stage] + index;
        }
        return Number(name.Split('.')[0], Embedding) is { } embedding
            ? embedding == 1 ? 0 : _first[Math.Min(embedding, _first.Length - 1)]
            : Last;
    }

    /// <summary>The factor of a parameter's learning rate.</summary>
    public double RateOf(string name) => Math.Pow(_factor, Last - LayerOf(name));

    // stage2.0.mlp... is stage 2, block 0.
    private static (int Stage, int Index)? Block(string name)
    {
        var parts = name.Split('.');
        return parts.Length > 1 && Number(parts[0], Stage) is { } stage && Number(parts[1], "") is { } index ? (stage, index) : null;
    }

    private static int? Number(string part, string prefix) =>
        part.StartsWith(prefix, StringComparison.Ordinal)
        && int.TryParse(part.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
