namespace MsVit.MLNet;

/// <summary>The arithmetic of a network after its first convolution. Tensors are passed by name.</summary>
/// <remarks>
/// Spikes and their sums are [T * B, C, H, W], time outermost, of the type <see cref="Spikes"/>; only the batch size is unknown.
/// </remarks>
internal interface IOnnxArithmetic
{
    /// <summary>The type of spikes and of their sums.</summary>
    OnnxType Spikes { get; }

    /// <summary>Whether the scores of token attention are [T * B, heads, 1 or C / heads, N], not [T * B, heads or C, H, W].</summary>
    bool SplitsHeads { get; }

    /// <summary>Spikes or their sums to currents.</summary>
    /// <param name="name">The convolution.</param>
    /// <param name="x">Its input.</param>
    /// <param name="folded">Its weights, over tokens or over height and width.</param>
    /// <param name="shape">Its attributes; they include the kernel over height and width.</param>
    /// <param name="pools">Whether a max-pool comes between the currents and the neurons.</param>
    string Convolve(string name, string x, FoldedConv folded, (string, object)[] shape, bool pools);

    /// <summary>Currents of a convolution to spikes.</summary>
    /// <param name="name">The neuron layer.</param>
    /// <param name="convolution">The convolution.</param>
    /// <param name="current">Its output, pooled or not.</param>
    string Fire(string name, string convolution, string current);

    /// <summary>The sum of spikes or of sums.</summary>
    string Sum(string name, string a, string b);

    /// <summary>The sums of the spikes over the channels of each head, in float32: [T * B, heads, 1, N] or [T * B, heads, H, W].</summary>
    string HeadSums(string name, string spikes, PlannedLayer attention);

    /// <summary>The same sums, added to the spikes of another tensor channel by channel.</summary>
    string HeadSumsPlus(string name, string spikes, string other, PlannedLayer attention);

    /// <summary>Spikes where the mask, of the shape of either sums, is 1; else 0.</summary>
    string Mask(string name, string spikes, string mask, bool isWhole, PlannedLayer attention);

    /// <summary>Spikes or their sums in float32.</summary>
    string Widen(string name, string x);
}
