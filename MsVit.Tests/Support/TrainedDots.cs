using Microsoft.ML;

namespace MsVit.Tests.Support;

/// <summary>One trained pipeline for the tests of a class.</summary>
public sealed class TrainedDots : IDisposable
{
    public TrainedDots()
    {
        var ml = new MLContext(seed: 1);
        Train = DotTask.Data(ml, 150);
        Model = DotTask.Pipeline(ml, DotTask.Options(o => o.Recipe = DotTask.Recipe with { MaxEpoch = 3 })).Fit(Train);
    }

    public ITransformer Model { get; }

    public IDataView Train { get; }

    public void Dispose() => ((IDisposable)Model).Dispose();
}
