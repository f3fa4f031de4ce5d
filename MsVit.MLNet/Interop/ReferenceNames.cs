namespace MsVit.MLNet;

/// <summary>
/// Translates state-dict keys of the reference's code for other data sets, and of Spikformer's, into those of the reference's CIFAR code,
/// which are ours.
/// </summary>
internal static class ReferenceNames
{
    // Theirs, ours. The dots tell the block attn from the neuron attn_lif.
    private static readonly (string Theirs, string Ours)[] Table =
    [
        (".attn.", ".ssa."),        // ImageNet
        ("patch_embed2.proj_conv", "patch_embed2.proj3_conv"),      // event cameras; patch_embed2.proj_res_* is everywhere
        ("patch_embed2.proj_bn", "patch_embed2.proj3_bn"),
        ("patch_embed2.proj_lif", "patch_embed2.proj3_lif"),
        (".mlp.fc1_", ".mlp.mlp1_"),
        (".mlp.fc2_", ".mlp.mlp2_"),
        .. from part in new[] { "conv", "bn", "lif" }               // Spikformer, to the end
           from i in Enumerable.Range(1, 3)
           select ($"patch_embed.proj_{part}{i}", $"patch_embed1.proj{i}_{part}"),
        ("patch_embed.", "patch_embed1."),
        ("block.", "stage1."),
        ("_linear", "_conv"),
    ];

    /// <summary>Our name for a state-dict key of any of the reference's networks.</summary>
    public static string ToOurs(string key) => key == "patch_embed"
        ? "patch_embed1"
        : Table.Aggregate(key, (name, row) => name.Replace(row.Theirs, row.Ours, StringComparison.Ordinal));

    /// <summary>Whether this is a parameter that Spikformer's networks have but never use; ours do not have it.</summary>
    public static bool IsUnused(string key) =>
        key is "pos_embed" or "norm.weight" or "norm.bias"
        || key.Contains(".norm1.", StringComparison.Ordinal) || key.Contains(".norm2.", StringComparison.Ordinal);
}
