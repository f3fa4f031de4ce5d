namespace MsVit.MLNet;

/// <summary>What a network is computed in behind its first convolution. Tensors go by their names.</summary>
/// <remarks>Spikes and their sums are [T * B, C, H, W], time outermost, of <see cref="Spikes"/>; only the batch is not known.</remarks>
internal interface IOnnxArithmetic
{
    /// <summary>The type of spikes and of their sums.</summary>
    OnnxType Spikes { get; }

    /// <summary>Spikes or their sums to currents.</summary>
    /// <param name="name">Of the convolution.</param>
    /// <param name="x">Its input.</param>
    /// <param name="folded">Its weights, of any number of dimensions.</param>
    /// <param name="shape">Its attributes; the kernel, over height and width, is in them.</param>
    /// <param name="pools">Whether a maximum is taken of the currents, before they come to neurons.</param>
    string Convolve(string name, string x, FoldedConv folded, (string, object)[] shape, bool pools);

    /// <summary>Currents of a convolution, pooled or not, to spikes.</summary>
    /// <param name="name">Of the layer of neurons.</param>
    /// <param name="convolution">Its name.</param>
    /// <param name="current">Its output.</param>
    string Fire(string name, string convolution, string current);

    /// <summary>The sum of spikes or of sums.</summary>
    string Sum(string name, string a, string b);

    /// <summary>How many channels of each head spike, in float32: [T * B, heads, 1, N] or [T * B, heads, H, W].</summary>
    string HeadSums(string name, string spikes, OnnxHeads heads);

    /// <summary>The same, plus the spikes of another tensor, for each channel.</summary>
    string HeadSumsOnto(string name, string spikes, string onto, OnnxHeads heads);

    /// <summary>Spikes where a mask of the shape of either sums has some, else 0.</summary>
    string Mask(string name, string spikes, string mask, bool isWhole, OnnxHeads heads);

    /// <summary>Spikes or their sums in float32.</summary>
    string Widen(string name, string x);
}
