using MsVit.MLNet.Kernels;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Finds the range of the currents of each convolution, from which eight bits get their scale and zero.</summary>
/// <remarks>
/// The range of a batch leaves out one current in five hundred at either end; the range of a layer contains those of all batches. A current
/// that far out fires its neuron, or silences it, whatever its exact value.
/// </remarks>
internal sealed class OnnxCalibration : IDisposable
{
    private const double LeftOut = 1.0 / 500;

    // The most currents of a batch that quantiles are computed from.
    private const int Most = 1 << 18;

    private readonly Dictionary<string, FoldedConv> _folds;
    private readonly FoldedNetwork _folded;
    private readonly Dictionary<string, CurrentRange> _ranges = [];
    private readonly Pass _pass = new();

    /// <param name="network">In evaluation mode.</param>
    public OnnxCalibration(MsVitNetwork network)
    {
        var modules = network.named_modules().ToDictionary(item => item.name, item => item.module);
        _folds = modules.Where(item => item.Value is Conv)
            .ToDictionary(item => item.Key, item => new FoldedConv((Conv)item.Value, (BatchNorm)modules[SpikingConv.NormOf(item.Key)]));
        _folded = network.Folded();
    }

    /// <summary>The range of each convolution's output over all batches, by the name of the convolution.</summary>
    public IReadOnlyDictionary<string, CurrentRange> Ranges => _ranges;

    /// <summary>Observes a batch, in the form that the network takes.</summary>
    public void Observe(Tensor input)
    {
        using var scope = NewDisposeScope();
        using var gradientFree = no_grad();
        _folded.Forward(input, new NetworkObserver
        {
            Convolving = (name, x) =>
            {
                using var inner = NewDisposeScope();
                // A still image has no time axis before the first convolution.
                var flat = x.dim() == _folds[name].Weight.dim() ? x : x.flatten(0, 1);
                var currents = _folds[name].Forward(flat, _pass).flatten();
                var sorted = currents.slice(0, 0, currents.numel(), Math.Max(1, currents.numel() / Most)).sort().Values;
                var outside = (long)(LeftOut * sorted.numel());
                var range = new CurrentRange(sorted[outside].item<float>(), sorted[sorted.numel() - 1 - outside].item<float>());
                _ranges[name] = _ranges.TryGetValue(name, out var known) ? known.Join(range) : range;
            },
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _folded.Dispose();
        foreach (var fold in _folds.Values)
        {
            fold.Dispose();
        }
    }
}
