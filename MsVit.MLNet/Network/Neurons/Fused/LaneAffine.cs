using System.Runtime.CompilerServices;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>What makes currents of the elements that a layer reads: a scale and a shift for each neuron of a block.</summary>
/// <remarks>Blocks of a normalised layer are whole numbers of pixels, whose channels lie side by side: one pattern fits all.</remarks>
internal sealed unsafe class LaneAffine
{
    private readonly float[] _values;
    private readonly int _pitch;

    private LaneAffine(int pitch)
    {
        _pitch = pitch;
        _values = GC.AllocateUninitializedArray<float>(2 * pitch, pinned: true);
    }

    /// <summary>One scale a neuron of a block.</summary>
    public float* Scale => Address;

    /// <summary>One shift a neuron of a block.</summary>
    public float* Shift => Address + _pitch;

    // Pinned, and kept alive by whoever runs the blocks.
    private float* Address => (float*)Unsafe.AsPointer(ref _values[0]);

    /// <summary>Those of a batch norm; without one, the elements are the currents.</summary>
    public static LaneAffine Of(LaneBlocks blocks, ChannelAffine? norm)
    {
        var affine = new LaneAffine(blocks.Pitch);
        for (var lane = 0; lane < blocks.Pitch; lane++)
        {
            affine._values[lane] = norm?.Scale[lane % norm.Channels] ?? 1;
            affine._values[blocks.Pitch + lane] = norm?.Shift[lane % norm.Channels] ?? 0;
        }
        return affine;
    }
}
