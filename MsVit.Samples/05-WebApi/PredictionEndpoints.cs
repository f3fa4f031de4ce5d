using Microsoft.AspNetCore.Mvc;
using MsVit.MLNet.Hosting;

namespace MsVit.Samples.WebApi;

/// <summary>The endpoints for the model.</summary>
internal static class PredictionEndpoints
{
    private const string Form = "multipart/form-data";
    private const int MaxTop = 1_000;

    private static readonly int[] Problems =
    [
        StatusCodes.Status400BadRequest, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType,
        StatusCodes.Status503ServiceUnavailable, StatusCodes.Status504GatewayTimeout,
    ];

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/model", (IMsVitPredictor predictor) => ModelAnswer.Of(predictor.Model))
            .WithSummary("The served model.").Produces<ModelAnswer>().ProducesProblem(503);
        var predictions = app.MapGroup("").AddEndpointFilter(RefuseUnread).AddEndpointFilter(RefuseEarly);
        var image = predictions.MapPost("/predict", Image)
            .WithSummary("Classifies an image (PNG, JPEG, BMP, GIF or WebP), sent as the body or as the only file of a form. "
                + "With drawing=true, an image of one color is refused: nothing was drawn.")
            .Accepts<byte[]>("application/octet-stream", "image/png", "image/jpeg", "image/bmp", "image/gif", "image/webp", Form)
            .Produces<PredictionAnswer>();
        var clip = predictions.MapPost("/predict/clip", Clip)
            .WithSummary("Classifies a recording of an event camera, sent as the body or as the only file of a form. "
                + "The format is detected from the content.")
            .Accepts<byte[]>("application/octet-stream", Form)
            .Produces<PredictionAnswer>();
        foreach (var status in Problems)
        {
            image.ProducesProblem(status);
            clip.ProducesProblem(status);
        }
    }

    // The compiled endpoints do not say what is wrong with a parameter.
    private static ValueTask<object?> RefuseUnread(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Response.StatusCode != StatusCodes.Status400BadRequest ? next(context) : throw new BadHttpRequestException(
            $"{context.HttpContext.Request.QueryString} cannot be read: top must be a whole number, insight and drawing true or false.");

    // An overloaded server rejects a request before it reads the body, and without an exception.
    private static ValueTask<object?> RefuseEarly(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.HttpContext.RequestServices.GetRequiredService<IMsVitPredictor>().Refusal is not { } refusal)
        {
            return next(context);
        }
        ProblemHandler.SetRetryAfter(context.HttpContext, refusal);
        return ValueTask.FromResult<object?>(Results.Problem(refusal.Message, statusCode: StatusCodes.Status503ServiceUnavailable));
    }

    private static async Task<PredictionAnswer> Image(
        HttpRequest request,
        IMsVitPredictor predictor,
        [FromQuery] int top = 5,
        [FromQuery] bool insight = false,
        [FromQuery] bool drawing = false)
    {
        var (bytes, _) = await Body(request);
        var prediction = await predictor.PredictAsync(bytes, Settings(top, insight), request.HttpContext.RequestAborted);
        if (drawing)
        {
            // After the predictor, which refuses what is damaged or too large to decode.
            Drawing.RefuseBlank(bytes);
        }
        return PredictionAnswer.Of(prediction);
    }

    // The name identifies the one format without a header, N-MNIST's .bin.
    private static async Task<PredictionAnswer> Clip(
        HttpRequest request,
        IMsVitPredictor predictor,
        [FromQuery] string? name = null,
        [FromQuery] int top = 5,
        [FromQuery] bool insight = false)
    {
        var (bytes, fileName) = await Body(request);
        var clip = EventClip.FromBytes(bytes, name ?? fileName ?? "clip");
        return PredictionAnswer.Of(await predictor.PredictAsync(clip, Settings(top, insight), request.HttpContext.RequestAborted));
    }

    private static PredictionSettings Settings(int top, bool insight) => top is >= 1 and <= MaxTop
        ? new() { Top = top, Insight = insight }
        : throw new BadHttpRequestException($"top is {top}; it must be from 1 to {MaxTop}.");

    private static async Task<(ReadOnlyMemory<byte> Bytes, string? Name)> Body(HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        if (!request.HasFormContentType)
        {
            return (await Read(request.Body, request.ContentLength, cancellationToken), null);
        }
        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new BadHttpRequestException($"The form cannot be read: {e.Message}", e);
        }
        if (form.Files.Count != 1)
        {
            throw new BadHttpRequestException($"The form has {form.Files.Count} files; expected one.");
        }
        await using var file = form.Files[0].OpenReadStream();
        return (await Read(file, form.Files[0].Length, cancellationToken), form.Files[0].FileName);
    }

    private static async Task<ReadOnlyMemory<byte>> Read(Stream body, long? length, CancellationToken cancellationToken)
    {
        // Memory is not reserved only because a header promises that much data.
        using var bytes = new MemoryStream((int)Math.Min(length ?? 0, 1 << 20));
        await body.CopyToAsync(bytes, cancellationToken);
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }
}
