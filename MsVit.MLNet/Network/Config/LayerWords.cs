using System.Globalization;

namespace MsVit.MLNet;

/// <summary>Says in words what a layer is, from its state-dict path.</summary>
internal static class LayerWords
{
    private const string Embedding = "patch_embed";
    private const string Stage = "stage";

    private static readonly string[] Endings = ["_lif", "_conv", "_bn"];

    /// <summary>Describes a layer, for example "stage 1, block 1: attention query" for stage1.0.tssa.q_lif.</summary>
    /// <param name="name">The path of a convolution, of its neurons, or of an operation of attention.</param>
    /// <returns>The words, or the name itself if it is not one of a network's layers.</returns>
    public static string Of(string name)
    {
        var ending = Array.Find(Endings, ending => name.EndsWith(ending, StringComparison.Ordinal)) ?? "";
        return name[..^ending.Length].Split('.') switch
        {
            ["head"] => "classifier",
            [var embedding, var conv] when Number(embedding, Embedding) is { } stage =>
                $"{(stage == 1 ? "stem" : $"stage {stage} embedding")}, {Conv(conv, stage)}",
            [var stage, var block, var module, var layer] when InBlock(module, layer) is { } part =>
                $"{OfBlock($"{stage}.{block}")}: {part}",
            _ => name,
        };
    }

    /// <summary>Describes a block, for example "stage 1, block 1" for stage1.0.</summary>
    public static string OfBlock(string block) =>
        block.Split('.') is [var stage, var index] && Number(stage, Stage) is { } of && Number(index, "") is { } from0
            ? $"stage {of}, block {from0 + 1}"
            : block;

    // Stems count proj, proj1, proj2, ...; later embeddings have proj3 and proj4.
    private static string Conv(string conv, int stage) => conv switch
    {
        "proj_res" => "shortcut",
        "rpe" => "position",
        "proj" => "convolution 1",
        _ when Number(conv, "proj") is { } number => $"convolution {(stage == 1 ? number + 1 : number - 2)}",
        _ => conv,
    };

    private static string? InBlock(string module, string layer) => (module, layer) switch
    {
        ("mlp", "mlp1") => "MLP hidden layer",
        ("mlp", "mlp2") => "MLP output layer",
        ("tssa" or "ssa", "q") => "attention query",
        ("tssa", "p") => "attention second query",
        ("tssa" or "ssa", "k") => "attention key",
        ("ssa", "v") => "attention value",
        ("tssa", "q_sum") => "attention query sum",
        ("tssa", "p_sum") => "attention second query sum",
        ("tssa", "attn") => "attention scores",
        ("tssa", "mask") => "attention mask",
        ("ssa", "kv") => "attention key times value",
        ("ssa", "qkv") => "attention query times key times value",
        ("ssa", "attn") => "attention output",
        ("tssa" or "ssa", "proj") => "attention projection",
        _ => null,
    };

    private static int? Number(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal)
        && int.TryParse(text.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
