using MsVit.MLNet;
using MsVit.MLNet.Kernels;
using MsVit.Tests.Golden;
using MsVit.Tests.Kernels.Neurons;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Kernels.Cuda;

/// <summary>The kernels where they belong. No other test needs a GPU.</summary>
public sealed class CudaNeuronTests
{
    private static readonly ScalarType[] Types = [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16];

    private readonly CudaLif _neurons = new(new NvrtcCompiler(CudaLibraries.OfThisProcess()), DeviceType.CUDA);

    [NeedsCudaFact]
    public void On_the_gpu_every_layer_fires_and_passes_gradients_back_as_composed_on_the_cpu()
    {
        foreach (var name in KernelLayers.All.Keys)
        {
            foreach (var type in Types)
            {
                foreach (var neurons in new long[] { 1, 31, 5000 })
                {
                    using var scope = NewDisposeScope();
                    var x = Layers.Currents((ulong)neurons, 4, neurons).to_type(type).cuda();
                    KernelLayers.Compare(_neurons, name, x, Layers.Signs(1, 4, neurons).to_type(type).cuda());
                }
            }
        }
    }

    [NeedsCudaFact]
    public void On_the_gpu_glif_fires_and_passes_gradients_back_as_composed_on_the_cpu_in_every_run()
    {
        foreach (var name in GlifLayers.All.Keys)
        {
            foreach (var (type, rounding) in Types.Zip([2e-6, 1.0 / 256, 1.0 / 2048]))
            {
                // The largest has more neurons than the blocks of a backward pass take at once.
                foreach (var (steps, neurons) in new[] { (4, 100L), (1, 300L), (16, 5000L), (4, 1_500_000L) })
                {
                    using var scope = NewDisposeScope();
                    // A GPU's sigmoid may round the layer's scalars in another way, which neurons close to the threshold would show.
                    var x = GlifLayers.Clear(name, Layers.Currents(7, steps, neurons).to_type(type).to_type(float32)).to_type(type);
                    var upstream = Layers.Signs(8, x.shape).to_type(type);
                    var first = OnGpu();
                    first.IsNear(GlifLayers.Composed(name, x.to_type(float32), upstream.to_type(float32)), $"{name}, {type}", rounding);
                    OnGpu().Is(first, $"{name}, {type}: second run");

                    GlifOutcome OnGpu()
                    {
                        var (spikes, ofX, ofParameters) = GlifLayers.OnGpu(name, x.cuda(), upstream.cuda(), new(notice: Assert.Fail));
                        return new(spikes.cpu(), ofX.cpu(), ofParameters.ToDictionary(of => of.Key, of => of.Value.cpu()));
                    }
                }
            }
        }
    }

    [NeedsCudaFact]
    public void On_the_gpu_any_number_of_time_steps_works()
    {
        for (var steps = 1; steps <= LifVariant.MaxSteps; steps++)
        {
            using var scope = NewDisposeScope();
            var x = Layers.Currents((ulong)steps, steps, 1000).cuda();
            KernelLayers.Compare(_neurons, "PLIF, w 0.4, reset to -0.25", x, Layers.Signs(2, steps, 1000).cuda());
        }
    }

    [NeedsCudaFact]
    public void On_the_gpu_the_published_layer_fires_and_learns_as_composed_there()
    {
        using var scope = NewDisposeScope();
        var x = Layers.Currents(3, 4, 16, 192, 32, 32).cuda();
        var upstream = Layers.Signs(4, x.shape).cuda();
        var eager = Layers.Eager(x, Layers.Published, null, upstream);
        var kernel = KernelLayers.Run(_neurons, x, Layers.Published, null, upstream);
        Close.Equal(eager.Spikes, kernel.Spikes, "spikes");
        Close.Within(1e-6, eager.X, kernel.X, "gradient of x");
    }

    [NeedsCudaFact]
    public void On_the_gpu_two_runs_give_the_same_bits()
    {
        using var scope = NewDisposeScope();
        var x = Layers.Currents(5, 4, 300_001).cuda();
        var upstream = Layers.Signs(6, x.shape).cuda();
        Outcome Run()
        {
            var (spikes, ofX, ofW) = KernelLayers.Run(_neurons, x, Layers.Published, 0.4f, upstream);
            return new(spikes.cpu(), ofX.cpu(), ofW!.cpu());
        }
        Run().Is(Run(), "second run");
    }

    [NeedsCudaFact]
    public void On_the_gpu_every_layer_uses_the_kernel()
    {
        using var scope = NewDisposeScope();
        var x = ones([4, 10], device: CUDA).requires_grad_();
        LifKernel.Fire(x, Layers.Published, new());
        var made = DisposeScopeManager.Statistics.CreatedInScopeCount;
        LifKernel.Fire(x, Layers.Published, new());
        // Composed of torch operations it makes some tens.
        Assert.InRange(DisposeScopeManager.Statistics.CreatedInScopeCount - made, 1, 8);
    }
}
