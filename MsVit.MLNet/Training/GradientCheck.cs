using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Looks for gradients that are infinite or not a number.</summary>
/// <remarks>The loss alone does not show them: a spiking neuron turns a membrane that is not a number into silence.</remarks>
internal static class GradientCheck
{
    /// <summary>The name of the first parameter whose gradient is not finite; null if all are.</summary>
    public static string? FindNonFinite(nn.Module network)
    {
        using var scope = NewDisposeScope();
        using var gradientFree = no_grad();
        var gradients = network.named_parameters().Where(p => p.parameter.grad is not null).ToArray();
        // One number for all of them, so that the usual case waits for the device once.
        var norms = stack(gradients.Select(p => p.parameter.grad!.norm()));
        if (double.IsFinite(norms.sum().Number()))
        {
            return null;
        }
        var each = norms.cpu().data<float>().ToArray();
        var worst = Array.FindIndex(each, norm => !float.IsFinite(norm));
        // Finite norms whose sum is not: the largest is named.
        return gradients[worst >= 0 ? worst : Array.IndexOf(each, each.Max())].name;
    }
}
