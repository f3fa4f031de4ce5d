using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The gradients of a step, summed over its passes, in pieces of a group of parameters each; of the scope in which they were made.</summary>
internal sealed class StepGradients
{
    private readonly List<(ParameterGroup Group, Tensor Gradient)> _pieces = [];

    /// <param name="groups">A group of which only some members have a gradient is taken apart. What has none is left out.</param>
    public StepGradients(IEnumerable<ParameterGroup> groups)
    {
        foreach (var group in groups)
        {
            if (group.Gradients() is { } gradient)
            {
                _pieces.Add((group, gradient));
            }
            else
            {
                _pieces.AddRange(group.Members.Where(member => member.Parameter.grad is not null).Select(member => (ParameterGroup.Of(member), member.Parameter.grad!)));
            }
        }
    }

    /// <summary>The pieces: a group, and the gradient of its members one after the other, [all], or of its only one in its shape.</summary>
    public IReadOnlyList<(ParameterGroup Group, Tensor Gradient)> Pieces => _pieces;

    /// <summary>The L2 norm of all gradients as one vector, as a number; a GPU is waited for.</summary>
    public double Norm() => GradientNorm.Of([.. _pieces.Select(piece => piece.Gradient)]);

    /// <summary>The same on their device, [], float64.</summary>
    public Tensor NormOnDevice()
    {
        var norms = stack(_pieces.Select(piece => piece.Gradient.norm())).to(float64);
        return norms.mul(norms).sum().sqrt();
    }

    /// <summary>The first parameter whose gradient is infinite or not a number; null if none is. For pieces of one parameter each.</summary>
    /// <remarks>The loss alone does not show them: a spiking neuron turns a membrane that is not a number into silence.</remarks>
    public string? FindNonFinite()
    {
        using var scope = NewDisposeScope();
        using var gradientFree = no_grad();
        var norms = stack(_pieces.Select(piece => piece.Gradient.norm()));
        if (double.IsFinite(norms.sum().Number()))
        {
            return null;
        }
        var each = norms.cpu().data<float>().ToArray();
        var worst = Array.FindIndex(each, norm => !float.IsFinite(norm));
        // Finite norms whose sum is not: the largest is named.
        return _pieces[worst >= 0 ? worst : Array.IndexOf(each, each.Max())].Group.Members[0].Name;
    }

    /// <summary>Where the first element is that is not finite, for <see cref="AdamW.NameAt"/>, [], float64; and whether there is one, [], bool.</summary>
    public (Tensor Place, Tensor IsThere) NotFinite()
    {
        var (found, places) = (new List<Tensor>(), new List<Tensor>());
        foreach (var (group, gradient) in _pieces)
        {
            var wrong = gradient.reshape(-1).isfinite().logical_not();
            found.Add(wrong.any());
            places.Add(wrong.to(int8).argmax().to(float64).Plus(tensor((double)group.First, dtype: float64)));
        }
        var any = stack(found);
        var first = any.to(int8).argmax().unsqueeze(0);
        return (stack(places).index_select(0, first).squeeze(0), any.any());
    }
}
