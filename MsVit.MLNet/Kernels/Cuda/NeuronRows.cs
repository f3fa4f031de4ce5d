using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>How the currents and spikes of a layer lie in memory: a row of neurons for each time step.</summary>
/// <remarks>
/// A convolution folds time into the batch, [T * B, C, ...]. The kernels need only the address of the first row and the distance to the
/// next one, so they take its output and give spikes [T, B, C, ...], and no view in between has to be a node of the graph.
/// </remarks>
/// <param name="Steps">T.</param>
/// <param name="Shape">The shape of the spikes.</param>
/// <param name="Order">Their order in memory, in which they are dense.</param>
internal sealed record NeuronRows(int Steps, long[] Shape, RowOrder Order)
{
    /// <summary>Of currents [T, ...] whose time steps are dense: spikes have their shape and order.</summary>
    public static NeuronRows Of(Tensor x) => new((int)x.shape[0], x.shape, RowOrder.Of(x)!);

    /// <summary>Of currents with time folded into the batch, dense and channels last.</summary>
    /// <param name="steps">T.</param>
    /// <param name="shape">
    /// The shape of the spikes, [T, B, C, ...] or, with the channels split into heads, [T, B, heads, C/heads, ...].
    /// </param>
    /// <param name="channels">C; 0 (the default) if they are not split.</param>
    public static NeuronRows Folded(int steps, long[] shape, long channels = 0) =>
        new(steps, shape, RowOrder.WithLast(shape, last: 2, count: channels == 0 || shape[2] == channels ? 1 : 2));

    /// <summary>Spikes for these currents, with undefined content.</summary>
    public Tensor EmptySpikes(Tensor x) => Order.Empty(x, isPooled: false, Shape);

    /// <summary>The tensor itself if it lies like the spikes, otherwise a copy that does.</summary>
    /// <param name="like">A tensor of the spikes' shape.</param>
    public Tensor Arrange(Tensor like) => Order.Arrange(like, isPooled: false, isDense: like.shape[0] != Steps);

    /// <summary>Elements from one time step to the next; 0 for a still image.</summary>
    public long Stride(Tensor tensor) => tensor.shape[0] == Steps ? tensor.stride(0) : tensor.numel() / Steps;
}
