using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>
/// The gradients of a step, summed over its passes, in one piece per group of parameters. They belong to the scope in which they were
/// created.
/// </summary>
internal sealed class StepGradients
{
    private readonly List<(ParameterGroup Group, Tensor Gradient)> _pieces = [];

    /// <param name="groups">
    /// The groups. A group is split if only some of its members have a gradient. Parameters without one are skipped.
    /// </param>
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
                var withGradient = group.Members.Where(member => member.Parameter.grad is not null);
                _pieces.AddRange(withGradient.Select(member => (ParameterGroup.Of(member), member.Parameter.grad!)));
            }
        }
    }

    /// <param name="pieces">The pieces of a block that ranks have summed.</param>
    public StepGradients(IEnumerable<(ParameterGroup Group, Tensor Gradient)> pieces) => _pieces.AddRange(pieces);

    /// <summary>The pieces: a group and its gradient, [all] if it is joined, or in the shape of its only parameter.</summary>
    public IReadOnlyList<(ParameterGroup Group, Tensor Gradient)> Pieces => _pieces;

    /// <summary>The L2 norm of all gradients as one vector. It waits for a GPU.</summary>
    public double Norm() => GradientNorm.Of([.. _pieces.Select(piece => piece.Gradient)]);

    /// <summary>The same norm on the device, [], float64.</summary>
    public Tensor NormOnDevice()
    {
        var norms = stack(_pieces.Select(piece => piece.Gradient.norm())).to(float64);
        return norms.mul(norms).sum().sqrt();
    }

    /// <summary>
    /// The first parameter whose gradient is infinite or not a number; null if there is none. The gradients must not be joined.
    /// </summary>
    /// <remarks>The loss alone does not reveal them: a spiking neuron whose membrane potential is NaN just does not fire.</remarks>
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
        // If all norms are finite and their sum is not, the largest is named.
        return _pieces[worst >= 0 ? worst : Array.IndexOf(each, each.Max())].Group.Members[0].Name;
    }

    /// <summary>
    /// The index of the first element that is not finite, for <see cref="AdamW.NameAt"/>, [], float64; and whether there is one, [], bool.
    /// </summary>
    public (Tensor Place, Tensor IsThere) FindNonFiniteOnDevice()
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
