# The web sample for exported models, which ONNX Runtime computes: `msvit export`'s file. No torch is in the image.
#
#   docker build -f MsVit.Samples/05-WebApi/Onnx.Dockerfile -t msvit-web-onnx .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL -v "$PWD/models:/models:ro" -p 8080:8080 msvit-web-onnx
#
# models/ holds model.onnx.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY Directory.Build.props Directory.Build.targets Directory.Packages.props .editorconfig ./
COPY MsVit.MLNet MsVit.MLNet
COPY MsVit.Samples MsVit.Samples
RUN dotnet publish MsVit.Samples -c Release -p:TorchBackend=none -p:PublishReadyToRun=true -o /app

# Chiseled: no shell and no package manager. The user APP_UID is not root.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app .
USER $APP_UID
# Memory of a replaced model goes back to the few heaps that all threads share.
ENV MALLOC_ARENA_MAX=2
EXPOSE 8080
ENTRYPOINT ["dotnet", "MsVit.Samples.dll", "web", "--urls", "http://*:8080", "--model", "/models/model.onnx"]
