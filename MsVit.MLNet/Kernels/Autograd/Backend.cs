namespace MsVit.MLNet.Kernels;

/// <summary>The implementation that computes a pass through the network.</summary>
internal enum Backend
{
    /// <summary>Our own kernels where they support the input, torch elsewhere.</summary>
    Fused,

    /// <summary>
    /// A plain composition of torch operations, for comparison: neurons step by step, still images convolved T times, batch norms not
    /// folded, torch's pool, [B, C, H, W] in memory, float32. It is the algorithm of spikingjelly's torch backend.
    /// </summary>
    Eager,
}
