using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Golden;

/// <summary>How close a training step must come to the recorded one.</summary>
/// <remarks>
/// A convolution's bias that feeds a batch norm has no gradient: what was recorded is rounding noise, and AdamW divides noise by
/// noise. After the step the membranes come so close to their thresholds that a spike may flip; the case says by how much that
/// may move the loss.
/// </remarks>
internal sealed class StepTolerances
{
    private const double Loss = 1e-5;
    private const double GradientShare = 1e-4;
    private const double PlifGradientShare = 1e-3;
    private const double GradientFloor = 1e-7;
    private const double NoGradient = 1e-6;
    private const double Statistics = 1e-5;
    private const double Parameter = 2e-6;

    private readonly GoldenCase _golden;
    private readonly HashSet<string> _biasesBeforeBatchNorm;
    private readonly HashSet<string> _withoutGradient;

    public StepTolerances(GoldenCase golden)
    {
        _golden = golden;
        _biasesBeforeBatchNorm = Names("conv_biases_before_bn");
        _withoutGradient = [.. Names("parameters_without_gradient").Where(name => !ReferenceNames.IsUnused(name))];

        HashSet<string> Names(string list) => [.. golden.Json.GetProperty(list).EnumerateArray().Select(name => name.GetString()!)];
    }

    public void CheckGradients(MsVitNetwork network)
    {
        var parameters = network.named_parameters().ToDictionary(item => item.name, item => item.parameter);
        var recorded = _golden.Under("grad/");
        Assert.Equal(parameters.Count, recorded.Count + _withoutGradient.Count);
        Assert.All(_withoutGradient, name => Assert.Null(parameters[ReferenceNames.ToOurs(name)].grad));
        foreach (var (name, expected) in recorded)
        {
            Assert.True(parameters[ReferenceNames.ToOurs(name)].grad is not null, $"{name} has no gradient");
            var gradient = Recorded(network, parameters[ReferenceNames.ToOurs(name)].grad!, expected);
            if (_biasesBeforeBatchNorm.Contains(name))
            {
                Close.Within(NoGradient, torch.zeros_like(gradient), gradient, $"gradient of {name}");
                continue;
            }
            var share = name.EndsWith("_lif.w", StringComparison.Ordinal) ? PlifGradientShare : GradientShare;
            Close.Within(share * expected.abs().max().item<float>() + GradientFloor, expected, gradient, $"gradient of {name}");
        }
    }

    public void CheckBatchNorms(MsVitNetwork network)
    {
        var buffers = network.named_buffers().ToDictionary(item => item.name, item => item.buffer);
        var recorded = _golden.Under("bn/");
        Assert.Equal(buffers.Count, recorded.Count);
        foreach (var (name, expected) in recorded)
        {
            Close.Within(Statistics, expected, Recorded(network, buffers[ReferenceNames.ToOurs(name)], expected), name);
        }
    }

    public void CheckParameters(MsVitNetwork network)
    {
        var parameters = network.named_parameters().ToDictionary(item => item.name, item => item.parameter);
        var recorded = _golden.Under("step/").Where(pair => !ReferenceNames.IsUnused(pair.Key)).ToList();
        Assert.Equal(parameters.Count, recorded.Count);
        foreach (var (name, expected) in recorded.Where(pair => !_biasesBeforeBatchNorm.Contains(pair.Key)))
        {
            var moved = _withoutGradient.Contains(name) ? null : _golden[$"grad/{name}"].abs() > 1e-6;
            var stepped = Recorded(network, parameters[ReferenceNames.ToOurs(name)], expected);
            Close.Within(Parameter, expected, stepped, $"{name} after the step", only: moved);
        }
    }

    public void CheckLossAfterStep(double loss)
    {
        var tolerance = _golden.Json.GetProperty("loss_after_step_trust").GetString() == "exact"
            ? Loss
            : _golden.Json.GetProperty("loss_after_step_sensitivity").GetDouble();
        Assert.Equal(_golden.Json.GetProperty("loss_after_step").GetDouble(), loss, tolerance);
    }

    private static torch.Tensor Recorded(MsVitNetwork network, torch.Tensor ours, torch.Tensor expected) =>
        DeadChannels.Recorded(ours.detach(), expected, network.Config.NumHeads);
}
