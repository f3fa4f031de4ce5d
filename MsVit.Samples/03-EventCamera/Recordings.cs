using Microsoft.ML;

namespace MsVit.Samples.EventCamera;

/// <summary>Recordings to train on and others to test on.</summary>
internal sealed record Recordings(IDataView Train, IDataView Test);
