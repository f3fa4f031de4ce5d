using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>The gradients of a step in a few pieces: of a group of parameters each, or of a single one; of the scope in which they were made.</summary>
internal sealed class JoinedGradients
{
    private readonly List<(ParameterGroup? Group, LearnedParameter? Single, Tensor Gradient)> _pieces = [];

    /// <param name="groups">Joined where each member has a gradient.</param>
    /// <param name="singles">Those of no group.</param>
    public JoinedGradients(IEnumerable<ParameterGroup> groups, IEnumerable<LearnedParameter> singles)
    {
        foreach (var group in groups)
        {
            if (group.Gradients() is { } joined)
            {
                _pieces.Add((group, null, joined));
            }
            else
            {
                AddSingles(group.Members);
            }
        }
        AddSingles(singles);
    }

    /// <summary>The pieces: a group and [all], or a parameter and its gradient.</summary>
    public IReadOnlyList<(ParameterGroup? Group, LearnedParameter? Single, Tensor Gradient)> Pieces => _pieces;

    /// <summary>The length of all gradients taken as one vector, [], float64.</summary>
    public Tensor Norm()
    {
        var norms = stack(_pieces.Select(piece => piece.Gradient.norm())).to(float64);
        return norms.mul(norms).sum().sqrt();
    }

    /// <summary>Where the first element is that is not finite, for <see cref="AdamW.NameAt"/>, [], float64; and whether there is one, [], bool.</summary>
    public (Tensor Place, Tensor IsThere) NotFinite()
    {
        var (found, places) = (new List<Tensor>(), new List<Tensor>());
        foreach (var (group, single, gradient) in _pieces)
        {
            var wrong = gradient.reshape(-1).isfinite().logical_not();
            found.Add(wrong.any());
            places.Add(wrong.to(int8).argmax().to(float64).Plus(tensor((double)(single ?? group!.Members[0]).First, dtype: float64)));
        }
        var any = stack(found);
        var first = any.to(int8).argmax().unsqueeze(0);
        return (stack(places).index_select(0, first).squeeze(0), any.any());
    }

    private void AddSingles(IEnumerable<LearnedParameter> learned)
    {
        foreach (var single in learned)
        {
            if (single.Parameter.grad is { } gradient)
            {
                _pieces.Add((null, single, gradient));
            }
        }
    }
}
