namespace MsVit.MLNet;

/// <summary>What a part of the network takes in one forward and backward pass.</summary>
/// <param name="Kept">Bytes that are kept from its forward pass until its backward pass.</param>
/// <param name="Working">Further bytes while it runs, in the direction that takes more.</param>
internal readonly record struct KeptBytes(long Kept, long Working)
{
    /// <summary>
    /// The most bytes at one time over parts that run one after another, then back: all that is kept, and the most that one part works
    /// with.
    /// </summary>
    /// <remarks>
    /// The part that works with the most is an early one, and by its backward pass much has been released. But what was released has other
    /// sizes than this part needs, and stays with the allocator.
    /// </remarks>
    public static long Peak(IReadOnlyCollection<KeptBytes> parts) => parts.Sum(part => part.Kept) + parts.Max(part => part.Working);
}

/// <summary>The bytes of one layer of convolution, batch norm, pool and neurons, depending on how it runs.</summary>
/// <remarks>
/// The fused passes of the CPU keep the convolution's output, which their backward pass normalizes again. A pool keeps one byte per window.
/// Spikes that a convolution reads in float32 are kept as bytes. On a GPU, where kernels may be missing, norm and neurons are taken to
/// keep their inputs each, and a pool keeps an index of eight bytes. Neurons composed of torch operations keep about three numbers.
/// </remarks>
internal sealed class LayerBytes
{
    private const int Composed = 3 * sizeof(float);

    private readonly bool _gpu;
    private readonly bool _composes;
    private readonly long _narrow;

    /// <param name="network">Gives the neurons.</param>
    /// <param name="precision">The precision of spikes and currents.</param>
    /// <param name="gpu">Whether it runs on a GPU.</param>
    public LayerBytes(MsVitConfig network, Precision precision, bool gpu)
    {
        _gpu = gpu;
        _narrow = precision.Bytes();
        var fuses = network.Neuron == NeuronKind.IntegerLif
            || network.Surrogate.Function is SurrogateFunction.Sigmoid or SurrogateFunction.ATan;
        _composes = !fuses || (!gpu && precision == Precision.Float16);
    }

    /// <summary>Bytes of a spike, or of a sum of spikes, that a convolution keeps for the gradient of its weights.</summary>
    public long Spike => !_gpu && _narrow == sizeof(float) ? sizeof(byte) : _narrow;

    /// <summary>A layer that reads spikes.</summary>
    /// <param name="input">Numbers that it reads.</param>
    /// <param name="convolved">Numbers that leave the convolution.</param>
    /// <param name="fired">Neurons.</param>
    /// <param name="keepsSpikes">Whether a convolution follows, which keeps the spikes.</param>
    public KeptBytes Of(long input, long convolved, long fired, bool keepsSpikes = true) =>
        Of(input, convolved, fired, keepsSpikes, _narrow);

    /// <summary>A layer that reads frames: it computes in float32; its spikes are stored like all others.</summary>
    public KeptBytes OfFrames(long input, long convolved, long fired)
    {
        var layer = Of(input, convolved, fired, keepsSpikes: false, sizeof(float));
        return layer with { Kept = layer.Kept + (fired * _narrow) };
    }

    /// <summary>A layer that reads a still image: it convolves once and fires T times.</summary>
    /// <param name="input">Numbers that it reads.</param>
    /// <param name="convolved">Numbers that leave the convolution.</param>
    /// <param name="current">Currents, the same at each of the T steps.</param>
    /// <param name="timeSteps">T.</param>
    public KeptBytes OfStill(long input, long convolved, long current, int timeSteps)
    {
        var fired = current * timeSteps;
        var pooled = convolved > current;
        var floats = convolved + (pooled && _gpu ? convolved : 0) + current;
        var kept = (sizeof(float) * floats) + (pooled ? current * Place : 0) + (fired * _narrow);
        // Spikes before they are stored, or their gradient and that of each step's currents.
        var working = (fired * (_composes ? sizeof(float) : 2 * sizeof(float))) + (sizeof(float) * (convolved + input));
        return new(kept + (_composes ? fired * Composed : 0), working);
    }

    // Bytes with which a pool remembers the place of a maximum.
    private int Place => _gpu ? sizeof(long) : sizeof(byte);

    private KeptBytes Of(long input, long convolved, long fired, bool keepsSpikes, long size)
    {
        var pooled = convolved > fired;
        var kept = (size * convolved) + (keepsSpikes ? Spike * fired : 0);
        kept += pooled ? fired * Place : 0;
        kept += _composes ? fired * Composed : _gpu || pooled ? size * fired : 0;
        kept += pooled && _gpu ? size * convolved : 0;
        // Gradients of spikes, currents and input, and of the pool's input if there is a pool.
        return new(kept, size * (fired + (pooled ? 2 * convolved : convolved) + input));
    }
}
