namespace MsVit.MLNet.Interop;

/// <summary>The names in which the reference's code for other data sets differs from its CIFAR code, whose names are ours.</summary>
internal static class ReferenceNames
{
    // Theirs, ours. The dots keep the neuron attn_lif apart from the block attn.
    private static readonly (string Theirs, string Ours)[] Table =
    [
        (".attn.", ".ssa."),        // ImageNet
        ("patch_embed2.proj_conv", "patch_embed2.proj3_conv"),      // event cameras; patch_embed2.proj_res_* is everywhere
        ("patch_embed2.proj_bn", "patch_embed2.proj3_bn"),
        ("patch_embed2.proj_lif", "patch_embed2.proj3_lif"),
        (".mlp.fc1_", ".mlp.mlp1_"),
        (".mlp.fc2_", ".mlp.mlp2_"),
    ];

    /// <summary>A state-dict key of any of the reference's networks, in our names.</summary>
    public static string ToOurs(string key) =>
        Table.Aggregate(key, (name, row) => name.Replace(row.Theirs, row.Ours, StringComparison.Ordinal));
}
