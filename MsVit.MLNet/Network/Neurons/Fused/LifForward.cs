using static TorchSharp.torch;

namespace MsVit.MLNet.Network.Neurons.Fused;

/// <summary>The forward pass: currents in, spikes out.</summary>
internal sealed unsafe class LifForward
{
    // About 150 microseconds of one core.
    private const long WorthAThread = 1 << 19;

    private readonly FusedLayer _layer;
    private readonly int _steps;
    private readonly Rows _x;
    private readonly Rows _spikes;
    private readonly bool _streams;

    private LifForward(FusedLayer layer, int steps, Rows x, Rows spikes, bool streams)
    {
        (_layer, _steps, _x, _spikes, _streams) = (layer, steps, x, spikes, streams);
    }

    /// <summary>The spikes, [T, ...], for currents [T, ...] that are dense at each time step.</summary>
    public static Tensor Run(FusedLayer layer, Tensor x)
    {
        var spikes = empty(x.shape, dtype: float32);
        var (steps, lanes) = ((int)x.shape[0], (nint)(x.numel() / x.shape[0]));
        var target = Rows.Of(spikes);
        var pass = new LifForward(layer, steps, Rows.Of(x), target, target.AreWorthStreaming(steps));
        new LaneBlocks(lanes, steps).Run(1, WorthAThread, pass.Block);
        GC.KeepAlive(x);
        return spikes;
    }

    private void Block(nint block, nint first, int count, float* v)
    {
        switch (_layer.Width)
        {
            case LaneWidth.Bits512:
                Split<Lanes512>(first, count, v);
                break;
            case LaneWidth.Bits256:
                Split<Lanes256>(first, count, v);
                break;
            case LaneWidth.Bits128:
                Split<Lanes128>(first, count, v);
                break;
            default:
                Split<LanesScalar>(first, count, v);
                break;
        }
    }

    private void Split<T>(nint first, int count, float* v)
        where T : struct, ILanes<T>
    {
        var whole = count - count % T.Count;
        if (_layer.Published is { } published)
        {
            Fire<T, PublishedMembrane>(published, first, whole, v);
            Fire<LanesScalar, PublishedMembrane>(published, first + whole, count - whole, v);
        }
        else
        {
            Fire<T, GeneralMembrane>(_layer.General, first, whole, v);
            Fire<LanesScalar, GeneralMembrane>(_layer.General, first + whole, count - whole, v);
        }
    }

    private void Fire<T, TMembrane>(TMembrane membrane, nint first, int count, float* v)
        where T : struct, ILanes<T>
        where TMembrane : struct, IMembrane
    {
        new Span<float>(v, count).Fill(membrane.Rest);
        for (var t = 0; t < _steps; t++)
        {
            if (_streams)
            {
                LifRows<T, TMembrane>.Fire<StreamedStore>(membrane, _x.At(t, first), v, _spikes.At(t, first), count);
            }
            else
            {
                LifRows<T, TMembrane>.Fire<CachedStore>(membrane, _x.At(t, first), v, _spikes.At(t, first), count);
            }
        }
    }
}
