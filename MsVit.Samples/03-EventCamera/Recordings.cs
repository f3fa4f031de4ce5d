using Microsoft.ML;

namespace MsVit.Samples.EventCamera;

/// <summary>Recordings for training and for testing.</summary>
internal sealed record Recordings(IDataView Train, IDataView Test);
